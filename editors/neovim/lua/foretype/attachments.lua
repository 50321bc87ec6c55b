--- What of the user's buffers goes along with a chat. A range follows the text it was made for.
local ranges = require('foretype.ranges')

local M = {}

local namespace = vim.api.nvim_create_namespace('foretype-attachments')

---@class foretype.Attachment
---@field buf integer
---@field mark integer|nil the extmark over its lines; nil: the whole buffer

---@type foretype.Attachment[]
local attached = {}

---First and last line of an attachment now, from 1.
---@param attachment foretype.Attachment
local function lines_of(attachment)
  local mark = vim.api.nvim_buf_get_extmark_by_id(
    attachment.buf,
    namespace,
    attachment.mark,
    { details = true }
  )
  if not mark[1] then
    return 1, vim.api.nvim_buf_line_count(attachment.buf)
  end
  return mark[1] + 1, math.max(mark[1], mark[3].end_row) + 1
end

local function valid()
  attached = vim.tbl_filter(function(attachment)
    return vim.api.nvim_buf_is_loaded(attachment.buf)
  end, attached)
  return attached
end

---Attach lines of a buffer, or all of it; once is enough.
---@param buf integer
---@param first integer|nil from 1
---@param last integer|nil inclusive
---@return string|nil label nil if it was attached already
function M.add(buf, first, last)
  for _, known in ipairs(valid()) do
    if known.buf == buf then
      local known_first, known_last = 1, nil
      if known.mark then
        known_first, known_last = lines_of(known)
      end
      if not known_last or (first and known_first <= first and last <= known_last) then
        return nil
      end
    end
  end
  local attachment = { buf = buf }
  if first then
    local length = #vim.api.nvim_buf_get_lines(buf, last - 1, last, true)[1]
    attachment.mark = vim.api.nvim_buf_set_extmark(buf, namespace, first - 1, 0, {
      end_row = last - 1,
      end_col = length,
      -- Only whole lines count; what is put before the first or behind the last stays outside.
      right_gravity = true,
      end_right_gravity = false,
    })
  end
  table.insert(attached, attachment)
  return M.label(attachment)
end

---How an attachment is called on the screen.
---@param attachment foretype.Attachment
---@return string
function M.label(attachment)
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(attachment.buf), ':t')
  name = name ~= '' and name or '[No Name]'
  if not attachment.mark then
    return name
  end
  local first, last = lines_of(attachment)
  return first == last and ('%s:%d'):format(name, first) or ('%s:%d-%d'):format(name, first, last)
end

---@return string[]
function M.labels()
  return vim.tbl_map(M.label, valid())
end

---The `context` of a chat.
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return table[]
function M.context(encoding)
  return vim.tbl_map(function(attachment)
    local item = { uri = vim.uri_from_bufnr(attachment.buf) }
    if attachment.mark then
      local first, last = lines_of(attachment)
      item.range = ranges.of_lines(attachment.buf, first, last, encoding)
    end
    return item
  end, valid())
end

---Attach nothing any more.
function M.clear()
  for _, attachment in ipairs(valid()) do
    vim.api.nvim_buf_clear_namespace(attachment.buf, namespace, 0, -1)
  end
  attached = {}
end

return M

--- Ghost text on the screen: virtual text at the cursor, virtual lines below it.
local M = {}

M.HIGHLIGHT = 'ForetypeGhost'
M.namespace = vim.api.nvim_create_namespace('foretype')

-- Fixed ids: drawing again moves the same marks, so nothing flickers.
local AT_CURSOR, BEHIND = 1, 2

---@type integer|nil
local drawn_in = nil

---Give the ghost its colour unless the user's colour scheme has one for it.
function M.define_highlight()
  vim.api.nvim_set_hl(0, M.HIGHLIGHT, { link = 'Comment', default = true })
end

---Take the ghost off the screen.
function M.hide()
  if drawn_in and vim.api.nvim_buf_is_valid(drawn_in) then
    vim.api.nvim_buf_clear_namespace(drawn_in, M.namespace, 0, -1)
  end
  drawn_in = nil
end

---Replace tabs by the blanks they take on screen: inline virtual text does not do it itself.
---@param text string
---@param column integer the screen column where the text starts
local function expand_tabs(text, column)
  local pieces = {}
  for before, tab in text:gmatch('([^\t]*)(\t?)') do
    column = column + vim.fn.strdisplaywidth(before, column)
    local blanks = tab ~= '' and vim.fn.strdisplaywidth('\t', column) or 0
    column = column + blanks
    pieces[#pieces + 1] = before .. (' '):rep(blanks)
  end
  return table.concat(pieces)
end

---Part a text after `width` screen cells; the first part is padded to exactly that.
---@param text string
---@param width integer
---@return string covering, string rest
local function part_at(text, width)
  if width == 0 then
    return '', text
  end
  local covering = ''
  for _, character in ipairs(vim.fn.split(text, [[\zs]])) do
    if vim.fn.strdisplaywidth(covering .. character) > width then
      break
    end
    covering = covering .. character
  end
  local padding = width - vim.fn.strdisplaywidth(covering)
  return covering .. (' '):rep(padding), text:sub(#covering + 1)
end

---What the lines below the cursor's show, as chunks of virtual lines.
---@param lines string[] all lines of the ghost
---@param pushed string what real text the accepted suggestion would push to its last line
local function lines_below(lines, pushed)
  local below = {}
  for i = 2, #lines do
    below[#below + 1] = { { lines[i], M.HIGHLIGHT } }
  end
  if pushed ~= '' and #below > 0 then
    table.insert(below[#below], { pushed })
  end
  return #below > 0 and below or nil
end

---Show the buffer at the cursor as it would be with `text` accepted.
---@param buf integer
---@param row integer
---@param col integer in bytes, from 0
---@param text string
---@param replaced string the text behind the cursor that accepting would replace
function M.show(buf, row, col, text, replaced)
  if drawn_in ~= buf then
    M.hide()
  end
  drawn_in = buf
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, true)[1]
  local hidden, pushed = replaced, ''
  if text:find('\n', 1, true) then
    hidden = line:sub(col + 1)
    pushed = hidden:sub(#replaced + 1)
  elseif vim.endswith(text, replaced) then
    text, hidden = text:sub(1, #text - #replaced), ''
  end

  local lines = vim.split(text, '\n', { plain = true })
  local column = vim.fn.strdisplaywidth(line:sub(1, col))
  local first = expand_tabs(lines[1], column)
  local covering, rest = part_at(first, vim.fn.strdisplaywidth(hidden, column))
  local below = lines_below(lines, pushed)
  -- With nothing to cover, all of it stands inline at the cursor.
  local covers = covering ~= ''
  vim.api.nvim_buf_set_extmark(buf, M.namespace, row, col, {
    id = AT_CURSOR,
    virt_text = { { covers and covering or rest, M.HIGHLIGHT } },
    virt_text_pos = covers and 'overlay' or 'inline',
    virt_lines = below,
    hl_mode = 'combine',
  })
  if covers and rest ~= '' then
    vim.api.nvim_buf_set_extmark(buf, M.namespace, row, col + #hidden, {
      id = BEHIND,
      virt_text = { { rest, M.HIGHLIGHT } },
      virt_text_pos = 'inline',
      hl_mode = 'combine',
    })
  else
    vim.api.nvim_buf_del_extmark(buf, M.namespace, BEHIND)
  end
end

return M

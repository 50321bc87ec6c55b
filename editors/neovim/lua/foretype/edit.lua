--- Edits by an instruction, each shown before it is made.
local client = require('foretype.client')
local notice = require('foretype.notice')
local preview = require('foretype.preview')
local ranges = require('foretype.ranges')
local stream = require('foretype.stream')

local M = {}

local METHOD = 'foretype/edit'

---@type { token: string, buf: integer }|nil
local running = nil

local function finish()
  local ended = running
  running = nil
  if ended then
    notice.hide(ended.buf)
  end
end

---@param server vim.lsp.Client
---@param buf integer
---@param row integer
---@return foretype.Listener
local function listener(server, buf, row)
  local lines = 0
  return {
    delta = function(text)
      lines = lines + select(2, text:gsub('\n', ''))
      notice.show(buf, row, ('writes line %d …'):format(lines + 1))
    end,
    reasoning = function()
      notice.show(buf, row, 'thinks …')
    end,
    done = function(result)
      finish()
      if not result.edit or not preview.show(result.edit, server.offset_encoding) then
        vim.notify('foretype: the model would change nothing')
      end
    end,
    fail = function(message)
      finish()
      vim.notify('foretype: ' .. message, vim.log.levels.ERROR)
    end,
  }
end

---Ask for an edit of a range and show what it would change.
---@param buf integer
---@param range table an LSP range
---@param instruction string
function M.ask(buf, range, instruction)
  local server = client.of(buf)
  if not server then
    return vim.notify('foretype: the server is not running here', vim.log.levels.ERROR)
  end
  M.cancel()
  local row = range.start.line
  running = { token = '', buf = buf }
  notice.show(buf, row, 'reads …')
  local params = {
    uri = vim.uri_from_bufnr(buf),
    range = range,
    instruction = instruction,
    apply = false,
  }
  local token = stream.start(server, METHOD, params, listener(server, buf, row), buf)
  if running then
    running.token = token
  end
end

---Ask the user what to do with a range, then the model.
---@param buf integer
---@param range table an LSP range
---@param instruction string|nil
function M.prompt(buf, range, instruction)
  if instruction and vim.trim(instruction) ~= '' then
    return M.ask(buf, range, instruction)
  end
  vim.ui.input({ prompt = 'Foretype, edit: ' }, function(typed)
    if typed and vim.trim(typed) ~= '' then
      M.ask(buf, range, typed)
    end
  end)
end

---`:ForetypeEdit`: the lines given, else an insertion at the cursor.
---@param arguments table as |nvim_create_user_command()| gives them
function M.command(arguments)
  local buf = vim.api.nvim_get_current_buf()
  local server = client.of(buf)
  if not server then
    return vim.notify('foretype: the server is not running here', vim.log.levels.ERROR)
  end
  M.prompt(buf, ranges.of_command(arguments, server.offset_encoding), arguments.args)
end

---Stop the edit that is being written.
---@return boolean was_running
function M.cancel()
  local stopped = running
  finish()
  return stopped ~= nil and stream.cancel(stopped.token)
end

return M

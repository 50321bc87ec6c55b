--- The server's code actions under names of their own: explain, document, fix, write tests.
local client = require('foretype.client')
local diagnostics = require('foretype.diagnostics')
local notice = require('foretype.notice')
local preview = require('foretype.preview')
local ranges = require('foretype.ranges')
local stream = require('foretype.stream')

local M = {}

---How the titles of the server's actions begin.
local TITLES = {
  explain = 'Foretype: explain',
  document = 'Foretype: document',
  fix = 'Foretype: fix',
  tests = 'Foretype: write tests',
}

---@type { token: string, buf: integer }|nil
local running = nil

local function finish()
  local ended = running
  running = nil
  if ended then
    notice.hide(ended.buf)
  end
end

local function complain(message)
  vim.notify('foretype: ' .. message, vim.log.levels.WARN)
end

---@param server vim.lsp.Client
---@param action table a CodeAction, with its edit or command
local function carry_out(server, action)
  if action.edit and not preview.show(action.edit, server.offset_encoding) then
    complain('the model would change nothing')
  end
  local command = action.command
  if command then
    client.run(server, type(command) == 'table' and command or action)
  end
end

---Have the model carry out an action, which takes as long as the model does.
---@param server vim.lsp.Client
---@param buf integer
---@param row integer from 0: where to say so
---@param action table
local function resolve(server, buf, row, action)
  M.cancel()
  running = { token = '', buf = buf }
  notice.show(buf, row, 'writes …')
  local token = stream.await(server, 'codeAction/resolve', action, {
    delta = function() end,
    reasoning = function() end,
    done = function(resolved)
      finish()
      carry_out(server, vim.tbl_isempty(resolved) and action or resolved)
    end,
    fail = function(message)
      finish()
      complain(message)
    end,
  }, buf)
  if running then
    running.token = token
  end
end

---@param server vim.lsp.Client
---@param buf integer
---@param row integer from 0
---@param action table
local function choose(server, buf, row, action)
  if action.disabled then
    return complain(action.disabled.reason)
  end
  if action.edit or action.command then
    return carry_out(server, action)
  end
  resolve(server, buf, row, action)
end

---Find an action of the server at a range and carry it out; edits are shown first.
---@param name "explain"|"document"|"fix"|"tests"
---@param arguments table as |nvim_create_user_command()| gives them
function M.command(name, arguments)
  local buf = vim.api.nvim_get_current_buf()
  local server = client.of(buf)
  if not server then
    return vim.notify('foretype: the server is not running here', vim.log.levels.ERROR)
  end
  local range = ranges.of_command(arguments, server.offset_encoding)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(buf),
    range = range,
    context = {
      diagnostics = diagnostics.in_lines(buf, range, server.offset_encoding),
      triggerKind = 1,
    },
  }
  server:request('textDocument/codeAction', params, function(err, listed)
    if err then
      return complain(err.message)
    end
    local fitting = vim.tbl_filter(function(action)
      return vim.startswith(action.title, TITLES[name])
    end, listed or {})
    if #fitting == 0 then
      return complain('nothing to ' .. (name == 'tests' and 'test' or name) .. ' here')
    end
    if #fitting == 1 then
      return choose(server, buf, range.start.line, fitting[1])
    end
    local function label(action)
      return action.title
    end
    vim.ui.select(fitting, { prompt = 'Foretype', format_item = label }, function(chosen)
      if chosen then
        choose(server, buf, range.start.line, chosen)
      end
    end)
  end, buf)
end

---Stop the action that is being carried out.
---@return boolean was_running
function M.cancel()
  local stopped = running
  finish()
  return stopped ~= nil and stream.cancel(stopped.token)
end

return M

--- The server's code actions under names of their own: explain, document, fix, write tests.
local client = require('foretype.client')
local diagnostics = require('foretype.diagnostics')
local preview = require('foretype.preview')
local ranges = require('foretype.ranges')

local M = {}

---How the titles of the server's actions begin.
local TITLES = {
  explain = 'Foretype: explain',
  document = 'Foretype: document',
  fix = 'Foretype: fix',
  tests = 'Foretype: write tests',
}

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

---@param server vim.lsp.Client
---@param buf integer
---@param action table
local function choose(server, buf, action)
  if action.disabled then
    return complain(action.disabled.reason)
  end
  if action.edit or action.command then
    return carry_out(server, action)
  end
  server:request('codeAction/resolve', action, function(err, resolved)
    if err then
      return complain(err.message)
    end
    carry_out(server, resolved or action)
  end, buf)
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
      return choose(server, buf, fitting[1])
    end
    local function label(action)
      return action.title
    end
    vim.ui.select(fitting, { prompt = 'Foretype', format_item = label }, function(chosen)
      if chosen then
        choose(server, buf, chosen)
      end
    end)
  end, buf)
end

return M

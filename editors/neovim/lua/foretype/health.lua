--- `:checkhealth foretype`.
local M = {}

local PROGRAM_MS = 10000
local ANSWER_MS = 3000

local function check_neovim(options)
  vim.health.start('Foretype: Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    return vim.health.error('Neovim 0.11 or later is needed')
  end
  vim.health.ok('Neovim ' .. tostring(vim.version()))
  local drawer = require('foretype.suggestions').drawer()
  local drawers = {
    builtin = 'by Neovim (vim.lsp.inline_completion)',
    own = 'by the plugin',
    off = 'nowhere: ghost_text is "off"',
  }
  vim.health.info('Ghost text is drawn ' .. drawers[drawer])
  for action, key in vim.spairs(options.keys) do
    if key then
      vim.health.info(('%s: %s'):format(action, key))
    end
  end
end

local function check_program(options)
  vim.health.start('Foretype: program')
  if type(options.cmd) ~= 'table' then
    return vim.health.info('The server is started by a function of yours')
  end
  local program = options.cmd[1]
  if vim.fn.executable(program) == 0 then
    return vim.health.error(('Cannot run "%s"'):format(program), {
      'Install it: uv tool install /path/to/foretype, or pipx install /path/to/foretype',
      'Or say where it is: setup{ cmd = { "/path/to/foretype", "serve", "--stdio" } }',
    })
  end
  vim.health.ok(('"%s" is %s'):format(program, vim.fn.exepath(program)))
  local command = require('foretype.doctor').command(options, '--help')
  local ran, answer = pcall(function()
    return vim.system(command or { program, '--help' }, { timeout = PROGRAM_MS }):wait()
  end)
  if ran and answer.code == 0 then
    vim.health.ok('It runs')
  else
    local said = ran and vim.trim(answer.stderr or '') or tostring(answer)
    vim.health.error('It does not run: ' .. said)
  end
end

---What the server says of itself, once it has read its configuration.
---@param server vim.lsp.Client
---@return table|nil
local function ask(server)
  local state = nil
  vim.wait(ANSWER_MS, function()
    local params = { command = 'foretype.status' }
    local reply = server:request_sync('workspace/executeCommand', params, ANSWER_MS)
    state = reply and reply.result
    return state == nil or not state.isLoading
  end, 200)
  return state
end

---@param server vim.lsp.Client
local function check_answer(server)
  local state = ask(server)
  if not state then
    return vim.health.error('The server does not answer', { ':Foretype restart', ':Foretype log' })
  end
  if state.isLoading then
    return vim.health.warn('The server is still reading its configuration; check again')
  end
  for feature, model in vim.spairs(state.defaultModels or {}) do
    vim.health.ok(('%s: %s'):format(feature, model))
  end
  if not next(state.defaultModels or {}) then
    vim.health.error('There is no model', {
      'Say where one is: setup{ init_options = { endpoint = "http://127.0.0.1:8080/v1" } }',
    })
  end
  for _, endpoint in ipairs(state.endpoints or {}) do
    local line = ('%s: %s'):format(endpoint.url, endpoint.state)
    local report = endpoint.lastError and vim.health.warn or vim.health.ok
    report(endpoint.lastError and line .. ', ' .. endpoint.lastError or line)
  end
  for _, problem in ipairs(state.problems or {}) do
    vim.health.warn(problem)
  end
  for _, trouble in ipairs(state.troubles or {}) do
    vim.health.warn(type(trouble) == 'table' and vim.inspect(trouble) or trouble)
  end
end

local function check_server()
  vim.health.start('Foretype: server')
  local servers = vim.lsp.get_clients({ name = 'foretype' })
  if #servers == 0 then
    local is_away = require('foretype.restart').is_waiting()
    return vim.health.warn(is_away and 'It ended and will be started again' or 'It is not running', {
      is_away and ':Foretype log shows why it ended' or 'Open a file: it starts then',
    })
  end
  for _, server in ipairs(servers) do
    local count = vim.tbl_count(server.attached_buffers)
    vim.health.ok(('It runs in %s for %d buffers'):format(server.root_dir or 'no project', count))
    check_answer(server)
  end
end

---Called by |:checkhealth|.
function M.check()
  local options = require('foretype').options()
  if not options then
    vim.health.start('Foretype')
    return vim.health.error("Not set up: call require('foretype').setup{} in init.lua")
  end
  check_neovim(options)
  check_program(options)
  check_server()
end

return M

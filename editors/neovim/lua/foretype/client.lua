--- The language server as this plugin sees it: how it starts and what is asked of it.
local diagnostics = require('foretype.diagnostics')
local restart = require('foretype.restart')
local stream = require('foretype.stream')

local M = {}

M.NAME = 'foretype'

---The command by which the server lets us ask for an instruction, of our own making.
M.PROMPT = 'foretype.prompt'

local START_MS = 10000
local INLINE_COMPLETION = 'textDocument/inlineCompletion'

---@type { client: vim.lsp.Client, id: integer }|nil
local pending = nil
-- Grows with every question and every withdrawal: an answer that meets another number came too late.
local generation = 0

---Let Neovim start the server for the configured files, now and whenever one is opened.
---@param options foretype.Options
---@param commands table<string, fun(command: table, context: table)> what we do in the server's place
function M.enable(options, commands)
  local has_settings = next(options.init_options) ~= nil
  vim.lsp.config(M.NAME, {
    cmd = options.cmd,
    filetypes = options.filetypes,
    root_markers = options.root_markers,
    init_options = has_settings and options.init_options or nil,
    -- The server may ask again by workspace/configuration: the same answer.
    settings = has_settings and { foretype = options.init_options } or nil,
    capabilities = {
      textDocument = { inlineCompletion = { dynamicRegistration = false } },
      experimental = { foretype = { promptCommand = M.PROMPT } },
    },
    handlers = { ['$/progress'] = stream.on_progress },
    commands = commands,
    on_init = { restart.on_init, diagnostics.on_init },
    on_exit = { stream.on_exit, restart.on_exit },
  })
  vim.lsp.enable(M.NAME)
end

---The running server of a buffer, if it has one.
---@param buf integer
---@return vim.lsp.Client|nil
function M.of(buf)
  local client = vim.lsp.get_clients({ bufnr = buf, name = M.NAME })[1]
  return client and client.initialized and not client:is_stopped() and client or nil
end

---A running server: the current buffer's, else any; one is started where there is none.
---@return vim.lsp.Client|nil
function M.any()
  local here = M.of(vim.api.nvim_get_current_buf())
  if here then
    return here
  end
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    if client.initialized and not client:is_stopped() then
      return client
    end
  end
  local config = vim.deepcopy(vim.lsp.config[M.NAME])
  local id = config and vim.lsp.start(config, { attach = false })
  local started = id and vim.lsp.get_client_by_id(id)
  local function is_ready()
    return started ~= nil and started.initialized == true
  end
  return started and vim.wait(START_MS, is_ready, 20) and started or nil
end

---Whether a suggestion has been asked for and is not there yet.
---@return boolean
function M.is_asking()
  return pending ~= nil
end

---Take back the question that is still open, if any; its answer will not be heard.
function M.cancel()
  generation = generation + 1
  local open = pending
  pending = nil
  if not open or open.client:is_stopped() or not open.client.requests[open.id] then
    return
  end
  -- notify() sends the pending edits first, so that the server can judge whether what it is
  -- writing still fits; cancel_request() would overtake them.
  open.client:notify('$/cancelRequest', { id = open.id })
end

---The number of the last question or withdrawal: while it stays, nobody asked anything else.
---@return integer
function M.generation()
  return generation
end

---Ask for suggestions at the cursor of the current window. The answer is passed on only if nothing
---has moved since: same question, buffer, text and cursor, and still in insert mode.
---@param trigger_kind 1|2 1: invoked by the user, 2: automatic
---@param on_items fun(items: table[], client: vim.lsp.Client)
function M.request(trigger_kind, on_items)
  M.cancel()
  local buf = vim.api.nvim_get_current_buf()
  local client = M.of(buf)
  if not client then
    return
  end
  local asked, place = generation, M.place()
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = trigger_kind }
  local sent, id = client:request(INLINE_COMPLETION, params, function(err, result)
    if asked ~= generation then
      return
    end
    pending = nil
    if not err and M.place() == place and vim.api.nvim_get_mode().mode:sub(1, 1) == 'i' then
      result = result or {}
      on_items(result.items or result, client)
    end
  end, buf)
  pending = sent and id and { client = client, id = id } or nil
end

---Where and on which text the user is: equal strings mean that nothing has moved.
---@return string
function M.place()
  local buf, cursor = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  return table.concat({ buf, tick, cursor[1], cursor[2] }, ':')
end

---Tell the running servers other settings than they were started with.
---@param settings table the server's settings, whole
function M.change_settings(settings)
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    client.settings = vim.tbl_extend('force', client.settings or {}, { foretype = settings })
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
end

---Run a command of the server; `on_result` hears of success only.
---@param client vim.lsp.Client
---@param command table an LSP Command
---@param on_result fun(result: any)|nil
function M.run(client, command, on_result)
  if client:is_stopped() then
    return
  end
  client:exec_cmd(command, { bufnr = vim.api.nvim_get_current_buf() }, function(err, result)
    if err then
      vim.notify('foretype: ' .. err.message, vim.log.levels.WARN)
    elseif on_result then
      on_result(result)
    end
  end)
end

return M

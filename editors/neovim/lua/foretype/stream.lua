--- Requests that a model answers bit by bit: the text arrives as `$/progress` under a token of ours.
local M = {}

local PREFIX = 'foretype-'

---@class foretype.Listener
---@field delta fun(text: string)
---@field reasoning fun(text: string)
---@field done fun(result: table)
---@field fail fun(message: string, partial: string|nil)

---@type table<string, { listener: foretype.Listener, client: vim.lsp.Client, id: integer|nil }>
local running = {}
local count = 0

---The handler of `$/progress`. Late deltas of ours come here, too: the prefix tells, not the table.
function M.on_progress(err, params, context)
  local token = params and params.token
  if type(token) ~= 'string' or not vim.startswith(token, PREFIX) then
    return vim.lsp.handlers['$/progress'](err, params, context)
  end
  local stream, value = running[token], params.value
  if not stream or type(value) ~= 'table' or type(value.content) ~= 'string' then
    return
  end
  if value.type == 'delta' then
    stream.listener.delta(value.content)
  elseif value.type == 'reasoning' then
    stream.listener.reasoning(value.content)
  end
end

---Whether anything is being written.
---@return boolean
function M.is_busy()
  return next(running) ~= nil
end

---@return string
local function new_token()
  count = count + 1
  return ('%s%d-%d'):format(PREFIX, vim.uv.os_getpid(), count)
end

---@param token string
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param listener foretype.Listener
---@param buf integer|nil
---@return string token
local function send(token, client, method, params, listener, buf)
  running[token] = { listener = listener, client = client }
  local sent, id = client:request(method, params, function(err, result)
    if not running[token] then
      return
    end
    running[token] = nil
    if err then
      local data = type(err.data) == 'table' and err.data or {}
      listener.fail(err.message, data.partial)
    else
      listener.done(result or {})
    end
  end, buf)
  if not sent then
    running[token] = nil
    listener.fail('The server is not running.', nil)
  elseif running[token] then
    running[token].id = id
  end
  return token
end

---Ask; exactly one of `done` and `fail` is called, unless it is cancelled before.
---@param client vim.lsp.Client
---@param method string
---@param params table the token is added to it
---@param listener foretype.Listener
---@param buf integer|nil whose latest edits the server is to know
---@return string token
function M.start(client, method, params, listener, buf)
  local token = new_token()
  params = vim.tbl_extend('force', params, { token = token })
  return send(token, client, method, params, listener, buf)
end

---The same for a request whose answer comes as a whole: nothing is told of it before.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param listener foretype.Listener
---@param buf integer|nil
---@return string token
function M.await(client, method, params, listener, buf)
  return send(new_token(), client, method, params, listener, buf)
end

---Take a request back; nothing more is heard of it.
---@param token string
---@return boolean was_running
function M.cancel(token)
  local stream = running[token]
  running[token] = nil
  if not stream then
    return false
  end
  if not stream.client:is_stopped() then
    stream.client:cancel_request(stream.id)
  end
  return true
end

---A server that ended answers nothing any more: tell those who wait for it.
---@param client_id integer
function M.on_exit(_, _, client_id)
  vim.schedule(function()
    for token, stream in pairs(running) do
      if stream.client.id == client_id then
        running[token] = nil
        stream.listener.fail('The server ended while it was answering.', nil)
      end
    end
  end)
end

return M

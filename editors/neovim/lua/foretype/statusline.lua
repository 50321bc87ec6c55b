--- What the server is doing, in a few words for the status line.
local client = require('foretype.client')
local restart = require('foretype.restart')
local stream = require('foretype.stream')

local M = {}

local KEPT_MS, LOADING_MS = 3000, 300

---@type table<integer, { asked_ms: integer|nil, answer: table|nil }> by client
local known = {}

local function redraw()
  vim.cmd.redrawstatus({ bang = true })
end

---@param id integer the client's
---@param answer table
local function learn(id, answer)
  local entry = known[id]
  if not entry then
    return
  end
  if answer.isLoading then
    -- Nothing redraws by itself when that is over.
    entry.asked_ms = nil
    vim.defer_fn(redraw, LOADING_MS)
  elseif not vim.deep_equal(entry.answer, answer) then
    entry.answer = answer
    redraw()
  end
end

---Ask for the server's state now and then, without waiting for it.
---@param server vim.lsp.Client
local function state_of(server)
  local now = vim.uv.now()
  known[server.id] = known[server.id] or {}
  local entry = known[server.id]
  if not entry.asked_ms or now - entry.asked_ms > KEPT_MS then
    entry.asked_ms = now
    local params = { command = 'foretype.status' }
    server:request('workspace/executeCommand', params, function(err, answer)
      if not err and type(answer) == 'table' then
        learn(server.id, answer)
      end
    end)
  end
  return entry.answer
end

---@param state table
local function words(state)
  local models, features = state.defaultModels or {}, state.features or {}
  if #(state.troubles or {}) > 0 then
    return 'trouble'
  end
  local model = features.codeCompletion and models.codeCompletion or models.chat
  if not model then
    return 'no model'
  end
  local name = model:match('[^:]+$') or model
  return features.codeCompletion and name or name .. ' (chat only)'
end

---For 'statusline': empty where no server is, else "foretype: " and the model, or what is wrong.
---@return string
function M.text()
  local buf = vim.api.nvim_win_get_buf(vim.g.statusline_winid or 0)
  local server = client.of(buf)
  if not server then
    return restart.is_waiting() and 'foretype: restarting' or ''
  end
  local state = state_of(server)
  local text = state and words(state) or 'starting'
  local is_busy = stream.is_busy() or client.is_asking()
  return (('foretype: %s%s'):format(text, is_busy and ' …' or ''):gsub('%%', '%%%%'))
end

---Forget what is known of servers that ended, and of one that was told something.
function M.forget()
  known = {}
end

return M

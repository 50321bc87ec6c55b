--- A server that dies comes back: at once, and ever later while it keeps dying.
---
--- Neovim 0.11 never again tells a server of edits to a buffer that was edited while no client was
--- attached to it. So the new server is started before the old one's buffers are let go, and while
--- a start has to wait, a client that does nothing holds its place.
local M = {}

---The client that holds the place of a server that is away.
M.PLACEHOLDER = 'foretype-away'

local QUICK_MS = 30000
local FIRST_WAIT_MS = 500
local MOST_DEATHS = 6

---@class foretype.Life
---@field deaths integer how often in a row the server died soon after its start
---@field started_ms integer|nil when the one that runs, or died last, was ready
---@field buffers integer[] what the dead one was attached to
---@field config vim.lsp.ClientConfig how it was started

---@type table<string, foretype.Life> by project
local lives = {}
---@type table<integer, true> clients that were told to end, and are to come back
local recalled = {}

---The time to wait before a start, after so many deaths in a row; nil: give up.
---@param deaths integer
---@return integer|nil
function M.wait_ms(deaths)
  if deaths > MOST_DEATHS then
    return nil
  end
  return deaths <= 1 and 0 or FIRST_WAIT_MS * 2 ^ (deaths - 2)
end

---@param config vim.lsp.ClientConfig
local function life_of(config)
  local project = config.root_dir or ''
  lives[project] = lives[project] or { deaths = 0, buffers = {}, config = config }
  return lives[project]
end

---A client without a process, which answers what every client is asked.
local function placeholder()
  return function(dispatchers)
    local is_closing, last = false, 0
    local function close()
      if not is_closing then
        is_closing = true
        dispatchers.on_exit(0, 15)
      end
    end
    return {
      request = function(method, _, callback)
        last = last + 1
        callback(nil, method == 'initialize' and { capabilities = {} } or nil)
        return true, last
      end,
      notify = function(method)
        if method == 'exit' then
          close()
        end
        return true
      end,
      is_closing = function()
        return is_closing
      end,
      terminate = close,
    }
  end
end

local function loaded(buffers)
  return vim.tbl_filter(vim.api.nvim_buf_is_loaded, buffers)
end

---@param life foretype.Life
local function start(life)
  for _, buf in ipairs(loaded(life.buffers)) do
    vim.lsp.start(vim.deepcopy(life.config), { bufnr = buf })
  end
  for _, held in ipairs(vim.lsp.get_clients({ name = M.PLACEHOLDER })) do
    if held.config.root_dir == life.config.root_dir then
      held:stop(true)
    end
  end
end

---@param life foretype.Life
local function hold(life)
  for _, buf in ipairs(loaded(life.buffers)) do
    local config = { name = M.PLACEHOLDER, cmd = placeholder(), root_dir = life.config.root_dir }
    vim.lsp.start(config, { bufnr = buf })
  end
end

---@param life foretype.Life
local function bring_back(life)
  local wait_ms = M.wait_ms(life.deaths)
  if wait_ms == 0 then
    return start(life)
  end
  hold(life)
  if not wait_ms then
    local hint = 'foretype: the server ended %d times soon after its start; '
      .. ':Foretype log shows why, :Foretype restart tries again'
    return vim.notify(hint:format(life.deaths), vim.log.levels.ERROR)
  end
  local deaths = life.deaths
  vim.defer_fn(function()
    if life.deaths == deaths then
      start(life)
    end
  end, wait_ms)
end

---Note that a server is ready.
---@param client vim.lsp.Client
function M.on_init(client)
  life_of(client.config).started_ms = vim.uv.now()
end

---Bring a server back that ended without having been asked to.
---@param code integer
---@param signal integer
---@param client_id integer
function M.on_exit(code, signal, client_id)
  local ended = vim.lsp.get_client_by_id(client_id)
  local is_recalled = recalled[client_id]
  recalled[client_id] = nil
  if not ended or (code == 0 and signal == 0 and not is_recalled) then
    return
  end
  local life = life_of(ended.config)
  vim.schedule(function()
    local buffers = loaded(vim.tbl_keys(ended.attached_buffers))
    if vim.v.exiting ~= vim.NIL or #buffers == 0 or not vim.lsp.is_enabled(ended.name) then
      return
    end
    local lived_ms = life.started_ms and vim.uv.now() - life.started_ms or 0
    life.deaths = lived_ms < QUICK_MS and life.deaths + 1 or 1
    life.started_ms = nil
    life.buffers, life.config = buffers, ended.config
    bring_back(life)
  end)
end

---Whether a server is to come back, and has not yet.
---@return boolean
function M.is_waiting()
  return #vim.lsp.get_clients({ name = M.PLACEHOLDER }) > 0
end

---Start all servers anew, and forget how often they died.
---@param name string the client's
function M.start_again(name)
  for _, life in pairs(lives) do
    life.deaths = 0
  end
  for _, held in ipairs(vim.lsp.get_clients({ name = M.PLACEHOLDER })) do
    start(life_of(held.config))
  end
  for _, running in ipairs(vim.lsp.get_clients({ name = name })) do
    if running.initialized then
      recalled[running.id] = true
      running:stop(true)
    end
  end
end

return M

--- When to ask: after a pause in typing, and on entering insert mode.
local client = require('foretype.client')
local session = require('foretype.session')

local M = {}

local timer = assert(vim.uv.new_timer())
-- One key press raises up to three events; only the first that finds something moved counts.
local last_place = nil

local function stop()
  timer:stop()
  last_place = nil
  session.dismiss()
end

---Whether keys come from somebody who types: what a macro does must not hang on an answer's time,
---and while 'paste' is on no key could accept one.
local function is_typing()
  return vim.fn.reg_recording() == '' and vim.fn.reg_executing() == '' and not vim.o.paste
end

---Ask at the cursor once nothing has moved for `debounce_ms`.
---@param debounce_ms integer
local function ask_soon(debounce_ms)
  if not client.of(vim.api.nvim_get_current_buf()) or not is_typing() then
    return
  end
  local place = client.place()
  if place == last_place then
    return
  end
  last_place = place
  session.refresh()
  client.cancel()
  local generation = client.generation()
  timer:start(debounce_ms, 0, vim.schedule_wrap(function()
    -- A key may have asked, or dismissed, in the meantime.
    if generation == client.generation() and vim.api.nvim_get_mode().mode:sub(1, 1) == 'i' then
      session.ask()
    end
  end))
end

---Watch typing in all buffers; only those that the server is attached to are asked about.
---@param group integer the autocommand group
---@param debounce_ms integer
function M.watch(group, debounce_ms)
  local events = { 'InsertEnter', 'TextChangedI', 'TextChangedP', 'CursorMovedI' }
  vim.api.nvim_create_autocmd(events, {
    group = group,
    desc = 'Ask Foretype for a suggestion',
    callback = function()
      ask_soon(debounce_ms)
    end,
  })
  -- Not InsertLeave: CTRL-C leaves without it.
  vim.api.nvim_create_autocmd('ModeChanged', {
    group = group,
    pattern = 'i*:[^i]*',
    desc = 'Hide the suggestion of Foretype',
    callback = stop,
  })
  -- One can go to another window and stay in insert mode.
  vim.api.nvim_create_autocmd({ 'BufLeave', 'WinLeave' }, {
    group = group,
    desc = 'Hide the suggestion of Foretype',
    callback = stop,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    desc = 'Hide the suggestion of Foretype',
    callback = function(event)
      if event.buf == vim.api.nvim_get_current_buf() then
        session.dismiss()
      end
    end,
  })
end

---What was typed while the server started raised no question: ask it now.
---@param buf integer
---@param debounce_ms integer
function M.attached(buf, debounce_ms)
  if buf == vim.api.nvim_get_current_buf() and vim.api.nvim_get_mode().mode:sub(1, 1) == 'i' then
    ask_soon(debounce_ms)
  end
end

return M

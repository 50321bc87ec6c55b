--- Foretype in Neovim: `require('foretype').setup{}` starts the server and shows what it suggests.
local builtin = require('foretype.builtin')
local chat = require('foretype.chat')
local client = require('foretype.client')
local commands = require('foretype.commands')
local edit = require('foretype.edit')
local ghost = require('foretype.ghost')
local keymaps = require('foretype.keymaps')
local options = require('foretype.options')
local statusline = require('foretype.statusline')
local suggestions = require('foretype.suggestions')
local trigger = require('foretype.trigger')

local M = {}

---@type foretype.Options|nil
local in_force = nil

---Whether ghost text is shown; for mappings that want to decide by it.
M.is_visible = suggestions.is_visible

---Hide the ghost text and stay in insert mode.
M.dismiss = suggestions.dismiss

---For 'statusline': the model in use, or what is wrong; empty where no server is.
M.statusline = statusline.text

---The options in force; nil before setup.
---@return foretype.Options|nil
function M.options()
  return in_force
end

---What the server asks for that is done here: to chat, and to ask for an instruction.
local server_commands = {
  ['foretype.chat'] = function(command)
    chat.take(command.arguments[1])
  end,
  [client.PROMPT] = function(command)
    local place = command.arguments[1]
    edit.prompt(vim.uri_to_bufnr(place.uri), place.range)
  end,
}

---@param event string
---@param group integer
---@param act fun(buf: integer)
local function on_our_server(event, group, act)
  vim.api.nvim_create_autocmd(event, {
    group = group,
    callback = function(args)
      local server = vim.lsp.get_client_by_id(args.data.client_id)
      if server and server.name == client.NAME then
        act(args.buf)
      end
    end,
  })
end

---@param chosen foretype.Options
local function attach(buf, chosen)
  local drawer = suggestions.drawer()
  if drawer == 'off' then
    return
  end
  keymaps.attach(buf, chosen.keys)
  if drawer == 'builtin' then
    builtin.enable(buf, true)
  else
    trigger.attached(buf, chosen.debounce_ms)
  end
end

---@param chosen foretype.Options
local function detach(buf, chosen)
  keymaps.detach(buf, chosen.keys)
  if suggestions.drawer() == 'builtin' then
    builtin.enable(buf, false)
  end
end

---@param chosen foretype.Options
local function watch(group, chosen)
  local drawer = suggestions.drawer()
  if drawer == 'builtin' then
    builtin.watch(group)
  elseif drawer == 'own' then
    trigger.watch(group, chosen.debounce_ms)
  end
end

---@param chosen foretype.Options
local function missing_program(chosen)
  local program = type(chosen.cmd) == 'table' and chosen.cmd[1]
  return program and vim.fn.executable(program) == 0 and program or nil
end

---Buffers the server is attached to already, which is so when setup runs a second time.
local function served_buffers()
  local found = {}
  for _, server in ipairs(vim.lsp.get_clients({ name = client.NAME })) do
    vim.list_extend(found, vim.tbl_keys(server.attached_buffers))
  end
  return found
end

---Start Foretype for the files it is configured for. Options that are not given keep their default;
---a second call replaces the first, except that a server that runs goes on as it was started.
---@param given foretype.Options|nil
function M.setup(given)
  for _, buf in ipairs(in_force and served_buffers() or {}) do
    detach(buf, in_force)
  end
  local chosen = options.resolve(given)
  in_force = chosen
  local group = vim.api.nvim_create_augroup('foretype', { clear = true })
  local missing = missing_program(chosen)
  if missing then
    local hint = 'foretype: cannot run "%s": is it installed and on the PATH of Neovim?'
    return vim.notify(hint:format(missing), vim.log.levels.ERROR)
  end

  ghost.define_highlight()
  keymaps.define_plugs()
  commands.create()
  chat.configure(chosen.chat)
  suggestions.choose(chosen.ghost_text)
  watch(group, chosen)
  on_our_server('LspAttach', group, function(buf)
    attach(buf, chosen)
    vim.cmd.redrawstatus({ bang = true })
  end)
  on_our_server('LspDetach', group, function(buf)
    detach(buf, chosen)
    statusline.forget()
  end)
  -- A new colour scheme clears all groups.
  vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = ghost.define_highlight })
  for _, buf in ipairs(served_buffers()) do
    attach(buf, chosen)
  end
  client.enable(chosen, server_commands)
end

return M

--- What a user may set, and what holds when nothing is set.
local M = {}

---@class foretype.Keys
---@field accept string|false the whole suggestion
---@field accept_word string|false its next word
---@field accept_line string|false its next line
---@field dismiss string|false hide it and stay in insert mode
---@field next string|false ask for several suggestions and show the next
---@field previous string|false the same, backwards

---@class foretype.ChatOptions
---@field width number which part of the screen's width the chat takes

---@class foretype.Options
---@field cmd string[]|function how to start the server, as in |vim.lsp.ClientConfig|
---@field filetypes string[]|nil nil: every file; the server's `languages` setting decides
---@field root_markers (string|string[])[] what marks the top of a project
---@field init_options table the server's settings: endpoint, configFile, gateway, inlineCompletion, ...
---@field debounce_ms integer the pause in typing after which a suggestion is asked for
---@field ghost_text "auto"|foretype.Drawer who draws: Neovim where it can, or always the plugin
---@field chat foretype.ChatOptions
---@field keys foretype.Keys

---@type foretype.Options
local defaults = {
  cmd = { 'foretype', 'serve', '--stdio' },
  filetypes = nil,
  root_markers = { '.git' },
  init_options = {},
  debounce_ms = 75,
  ghost_text = 'auto',
  chat = { width = 0.4 },
  keys = {
    accept = '<Tab>',
    accept_word = '<M-w>',
    accept_line = '<M-l>',
    dismiss = '<C-]>',
    next = '<M-n>',
    previous = '<M-p>',
  },
}

local DRAWERS = { auto = true, builtin = true, own = true, off = true }

---@param given table
---@param known table
---@param path string
local function refuse_unknown(given, known, path)
  for name, value in pairs(given) do
    local is_known = known[name] ~= nil or name == 'filetypes'
    if not is_known then
      error(('foretype: setup() knows no option "%s%s"'):format(path, name), 0)
    elseif name == 'keys' or name == 'chat' then
      refuse_unknown(value, known[name], name .. '.')
    end
  end
end

---The options in force: the defaults under what the user gave. Lists replace, they do not mix.
---@param given table|nil
---@return foretype.Options
function M.resolve(given)
  given = given or {}
  vim.validate('cmd', given.cmd, { 'table', 'function' }, true)
  vim.validate('filetypes', given.filetypes, 'table', true)
  vim.validate('root_markers', given.root_markers, 'table', true)
  vim.validate('init_options', given.init_options, 'table', true)
  vim.validate('debounce_ms', given.debounce_ms, 'number', true)
  vim.validate('keys', given.keys, 'table', true)
  vim.validate('chat', given.chat, 'table', true)
  vim.validate('ghost_text', given.ghost_text, function(wish)
    return DRAWERS[wish] == true
  end, true, '"auto", "builtin", "own" or "off"')
  refuse_unknown(given, defaults, '')
  return vim.tbl_deep_extend('force', defaults, given)
end

return M

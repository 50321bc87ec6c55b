--- What a user may set, and what holds when nothing is set.
local M = {}

---@class foretype.Keys
---@field accept string|false the whole suggestion
---@field accept_word string|false its next word
---@field accept_line string|false its next line
---@field dismiss string|false hide it and stay in insert mode
---@field next string|false ask for several suggestions and show the next
---@field previous string|false the same, backwards

---@class foretype.Options
---@field cmd string[]|function how to start the server, as in |vim.lsp.ClientConfig|
---@field filetypes string[]|nil nil: every file; the server's `languages` setting decides
---@field root_markers (string|string[])[] what marks the top of a project
---@field init_options table the server's settings: endpoint, configFile, gateway, inlineCompletion, ...
---@field debounce_ms integer the pause in typing after which a suggestion is asked for
---@field keys foretype.Keys

---@type foretype.Options
local defaults = {
  cmd = { 'foretype', 'serve', '--stdio' },
  filetypes = nil,
  root_markers = { '.git' },
  init_options = {},
  debounce_ms = 75,
  keys = {
    accept = '<Tab>',
    accept_word = '<M-w>',
    accept_line = '<M-l>',
    dismiss = '<C-]>',
    next = '<M-n>',
    previous = '<M-p>',
  },
}

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
  return vim.tbl_deep_extend('force', defaults, given)
end

return M

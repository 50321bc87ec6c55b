--- The keys: each acts on the suggestion while one is shown, and is itself otherwise.
local suggestions = require('foretype.suggestions')

local M = {}

local ACTIONS = {
  accept = { call = 'accept("all")', edits = true },
  accept_word = { call = 'accept("word")', edits = true },
  accept_line = { call = 'accept("line")', edits = true },
  dismiss = { call = 'dismiss()' },
  next = { call = 'cycle(1)', always = true },
  previous = { call = 'cycle(-1)', always = true },
}

---@type table<integer, table<string, table>> by buffer and action: the buffer's own mapping before ours
local covered = {}

local function plug(action)
  return '<Plug>(foretype-' .. action:gsub('_', '-') .. ')'
end

local function raw(key)
  return vim.api.nvim_replace_termcodes(key, true, true, true)
end

---@param mappings table[] as nvim_get_keymap() lists them
---@param key string
local function find(mappings, key)
  for _, mapping in ipairs(mappings) do
    if mapping.lhsraw == raw(key) or mapping.lhsrawalt == raw(key) then
      return mapping
    end
  end
end

---A name for what the key does without us, looked up now: plugins that load late map keys late.
---@param buf integer
---@param action string
---@param key string
local function original(buf, action, key)
  local name = plug(action .. '-original')
  local mapping = (covered[buf] or {})[action] or find(vim.api.nvim_get_keymap('i'), key)
  if mapping then
    local copy = vim.tbl_extend('force', mapping, { lhs = name, lhsraw = raw(name), buffer = 0 })
    copy.lhsrawalt = nil
    vim.fn.mapset('i', false, copy)
  else
    vim.keymap.set('i', name, key)
  end
  return name
end

---Whether the popup menu has an entry selected: then its keys come first.
local function is_choosing()
  return vim.fn.pumvisible() == 1 and vim.fn.complete_info({ 'selected' }).selected ~= -1
end

---Define `<Plug>(foretype-accept)` and its like, for users who build their own mappings.
function M.define_plugs()
  for action, what in pairs(ACTIONS) do
    local call = '<Cmd>lua require("foretype.suggestions").' .. what.call .. '<CR>'
    -- CTRL-G u on both sides: undo takes back the accepted text, and neither what was typed
    -- before it nor what is typed after it.
    vim.keymap.set('i', plug(action), what.edits and '<C-g>u' .. call .. '<C-g>u' or call)
  end
end

---Map the keys in a buffer.
---@param buf integer
---@param keys foretype.Keys
function M.attach(buf, keys)
  if covered[buf] then
    return
  end
  covered[buf] = {}
  local own = vim.api.nvim_buf_get_keymap(buf, 'i')
  for action, what in pairs(ACTIONS) do
    local key = keys[action]
    if key then
      covered[buf][action] = find(own, key)
      vim.keymap.set('i', key, function()
        local acts = what.always or (suggestions.is_visible() and not is_choosing())
        return acts and plug(action) or original(buf, action, key)
      end, {
        buffer = buf,
        expr = true,
        remap = true,
        replace_keycodes = true,
        desc = 'Foretype: ' .. action:gsub('_', ' '),
      })
    end
  end
end

---Give the keys of a buffer back.
---@param buf integer
---@param keys foretype.Keys
function M.detach(buf, keys)
  local before = covered[buf]
  covered[buf] = nil
  if not before or not vim.api.nvim_buf_is_valid(buf) then
    return
  end
  for action, key in pairs(keys) do
    if key then
      pcall(vim.keymap.del, 'i', key, { buffer = buf })
    end
    if before[action] then
      vim.api.nvim_buf_call(buf, function()
        vim.fn.mapset('i', false, before[action])
      end)
    end
  end
end

return M

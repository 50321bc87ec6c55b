--- Ghost text as keys and mappings see it, whoever draws it: Neovim itself from 0.12 on, or we.
local builtin = require('foretype.builtin')
local session = require('foretype.session')

local M = {}

---@alias foretype.Drawer "builtin"|"own"|"off"

---@type foretype.Drawer
local drawer = 'own'

---Choose who draws.
---@param wish "auto"|foretype.Drawer
---@return foretype.Drawer
function M.choose(wish)
  if wish == 'auto' or (wish == 'builtin' and not builtin.exists()) then
    wish = builtin.exists() and 'builtin' or 'own'
  end
  drawer = wish
  return wish
end

---Who draws now.
---@return foretype.Drawer
function M.drawer()
  return drawer
end

local function by()
  return drawer == 'builtin' and builtin or session
end

---Whether a suggestion is on the screen that a key could accept.
---@return boolean
function M.is_visible()
  return by().is_visible()
end

---Hide the suggestion and stay in insert mode.
function M.dismiss()
  by().dismiss()
end

---Show another suggestion.
---@param step 1|-1
function M.cycle(step)
  by().cycle(step)
end

---Accept the next part of what is shown.
---@param part "all"|"word"|"line"
---@return boolean accepted false if nothing was shown
function M.accept(part)
  return by().accept(part)
end

return M

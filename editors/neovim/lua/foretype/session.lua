--- The suggestion on offer, from the answer of the server until it is accepted or no longer fits.
local client = require('foretype.client')
local ghost = require('foretype.ghost')
local insertion = require('foretype.insertion')
local suggestion = require('foretype.suggestion')

local M = {}

---@class foretype.Offer
---@field buf integer
---@field row integer where the suggestion starts, from 0
---@field col integer the same in bytes
---@field before string the text before it on its line
---@field behind string the text behind the cursor on the cursor's line
---@field all foretype.Suggestion[]
---@field index integer which of them is shown
---@field is_explicit boolean whether the user asked for it, and so got all there are
---@field client vim.lsp.Client

---@type foretype.Offer|nil
local offer = nil

---What of the offer stands in the buffer already, typed or accepted; nil if it no longer fits there.
---@param now foretype.Offer
---@return string|nil
local function typed_part(now)
  if vim.api.nvim_get_current_buf() ~= now.buf then
    return nil
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  if row < now.row or (row == now.row and col < now.col) then
    return nil
  end
  local first = vim.api.nvim_buf_get_lines(now.buf, now.row, now.row + 1, true)[1]
  if first:sub(1, now.col) ~= now.before then
    return nil
  end
  if vim.api.nvim_get_current_line():sub(col + 1) ~= now.behind then
    return nil
  end
  local lines = vim.api.nvim_buf_get_text(now.buf, now.row, now.col, row, col, {})
  local typed, shown = table.concat(lines, '\n'), now.all[now.index]
  if not vim.startswith(shown.text, typed) then
    return nil
  end
  return not suggestion.is_finished(shown.text:sub(#typed + 1), shown.replaced) and typed or nil
end

---What is left to accept of the suggestion that is shown.
---@return string|nil
local function rest_of_offer()
  local typed = offer and typed_part(offer)
  return typed and offer.all[offer.index].text:sub(#typed + 1)
end

---Whether a suggestion is on the screen that a key could accept.
---@return boolean
function M.is_visible()
  return rest_of_offer() ~= nil
end

---Forget the suggestion, on the screen and on its way.
function M.dismiss()
  offer = nil
  client.cancel()
  ghost.hide()
end

---Bring the screen in line with the text: what the user typed of the ghost leaves the ghost, and
---a ghost that the text contradicts goes.
function M.refresh()
  local rest = rest_of_offer()
  if not rest then
    offer = nil
    ghost.hide()
    return
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  ghost.show(offer.buf, cursor[1] - 1, cursor[2], rest, offer.all[offer.index].replaced)
end

---The items that hold at the cursor.
---@param items table[] InlineCompletionItems
---@param server vim.lsp.Client
---@return foretype.Suggestion[]
local function fitting(items, server)
  local cursor, line = vim.api.nvim_win_get_cursor(0), vim.api.nvim_get_current_line()
  local row, col, encoding = cursor[1] - 1, cursor[2], server.offset_encoding
  local found = {}
  for _, item in ipairs(items) do
    found[#found + 1] = suggestion.from_item(item, line, row, col, encoding)
  end
  return found
end

---Put suggestions on offer at the cursor in place of those before; the caller shows them.
---@param all foretype.Suggestion[]
---@param server vim.lsp.Client
---@param is_explicit boolean
local function put_on_offer(all, server, is_explicit)
  local cursor, line = vim.api.nvim_win_get_cursor(0), vim.api.nvim_get_current_line()
  offer = {
    buf = vim.api.nvim_get_current_buf(),
    row = cursor[1] - 1,
    col = cursor[2],
    before = line:sub(1, cursor[2]),
    behind = line:sub(cursor[2] + 1),
    all = all,
    index = 1,
    is_explicit = is_explicit,
    client = server,
  }
end

---Ask for a suggestion because the user paused. What is shown stays until the answer is there.
function M.ask()
  client.request(2, function(items, server)
    local all = fitting(items, server)
    if #all > 0 then
      put_on_offer(all, server, false)
    else
      offer = nil
    end
    M.refresh()
  end)
end

---The suggestion `step` places on from the shown one, in a ring.
---@param step 1|-1
local function turn(step)
  offer.index = (offer.index - 1 + step) % #offer.all + 1
end

---Show another suggestion. The first time at a place, the server is asked for several.
---@param step 1|-1
---@param standing string|nil the suggestion that somebody else shows there
function M.cycle(step, standing)
  local shown = rest_of_offer() or standing
  if shown and offer and offer.is_explicit and offer.all[offer.index].text == shown then
    turn(step)
    return M.refresh()
  end
  client.request(1, function(items, server)
    local all = fitting(items, server)
    if #all == 0 then
      return
    end
    put_on_offer(all, server, true)
    if step == -1 then
      turn(step)
    end
    -- The key was pressed for another one than the one that stood there.
    if offer.all[offer.index].text == shown then
      turn(step)
    end
    M.refresh()
  end)
end

---Accept the next part of what is shown. The server hears of it after the last part.
---@param part "all"|"word"|"line"
---@return boolean accepted false if nothing was shown
function M.accept(part)
  local rest = rest_of_offer()
  if not rest then
    return false
  end
  client.cancel()
  local taken, shown = offer, offer.all[offer.index]
  local accepted = suggestion.first_part(rest, part)
  if not suggestion.is_finished(rest:sub(#accepted + 1), shown.replaced) then
    insertion.insert(accepted, 0)
    M.refresh()
    return true
  end
  offer = nil
  ghost.hide()
  insertion.insert(rest, #shown.replaced)
  if shown.command then
    client.run(taken.client, shown.command)
  end
  return true
end

return M

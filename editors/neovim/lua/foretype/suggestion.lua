--- One suggestion: what an item of the server means at the cursor, and which parts it has.
local M = {}

---@class foretype.Suggestion
---@field text string what is to stand behind the cursor, lines parted by "\n"
---@field replaced string what stands behind the cursor now and goes when all of it is accepted
---@field command table|nil the LSP command to run once all of it is accepted

---Read an item as it applies to `line` with the cursor at byte `col`; nil if it does not apply.
---@param item table an InlineCompletionItem
---@param line string the cursor's line
---@param row integer its number, from 0
---@param col integer
---@param encoding "utf-8"|"utf-16"|"utf-32" the unit of the item's columns
---@return foretype.Suggestion|nil
function M.from_item(item, line, row, col, encoding)
  if type(item.insertText) ~= 'string' then
    return nil
  end
  local first, last = col, col
  if item.range then
    if item.range.start.line ~= row or item.range['end'].line ~= row then
      return nil
    end
    first = vim.str_byteindex(line, encoding, item.range.start.character, false)
    last = vim.str_byteindex(line, encoding, item.range['end'].character, false)
  end
  local covered = line:sub(first + 1, col)
  if first > col or last < col or not vim.startswith(item.insertText, covered) then
    return nil
  end
  local text = item.insertText:sub(#covered + 1):gsub('\r\n?', '\n')
  local replaced = line:sub(col + 1, last)
  if M.is_finished(text, replaced) then
    return nil
  end
  return { text = text, replaced = replaced, command = item.command }
end

---Whether nothing of a suggestion is left to accept.
---@param rest string the part not accepted yet
---@param replaced string
---@return boolean
function M.is_finished(rest, replaced)
  return rest == '' or rest == replaced
end

---The next part of a text that is not accepted yet.
---@param text string
---@param part "all"|"word"|"line"
---@return string
function M.first_part(text, part)
  if part == 'line' then
    return text:match('^\n?[^\n]*')
  elseif part == 'word' then
    -- A word as the buffer's 'iskeyword' has it, else one character, with the blanks before it.
    local word = vim.fn.matchstr(text, [[^\_s*\%(\k\+\|\S\)]])
    return word ~= '' and word or text
  end
  return text
end

return M

--- The fenced blocks of code in a Markdown text.
local M = {}

---@class foretype.CodeBlock
---@field first integer the line of its opening fence, from 1
---@field last integer the line of its closing fence, or the last line while it is being written
---@field language string
---@field lines string[] without what its fence is indented by

---@param line string
---@return string|nil indent, string|nil fence, string|nil language
local function opening(line)
  local indent, fence, info = line:match('^(%s*)(```+)%s*([^`]*)$')
  if not fence then
    indent, fence, info = line:match('^(%s*)(~~~+)%s*(.*)$')
  end
  return indent, fence, info and info:match('^%S*')
end

---@param text string[]
---@return foretype.CodeBlock[]
function M.find(text)
  local found, open, indent, fence = {}, nil, '', ''
  for number, line in ipairs(text) do
    if open then
      local closing = line:match('^%s*([`~]+)%s*$')
      open.last = number
      if closing and vim.startswith(closing, fence) then
        open = nil
      else
        table.insert(open.lines, vim.startswith(line, indent) and line:sub(#indent + 1) or line)
      end
    else
      local new_indent, new_fence, language = opening(line)
      if new_fence then
        indent, fence = new_indent, new_fence
        open = { first = number, last = number, language = language, lines = {} }
        table.insert(found, open)
      end
    end
  end
  return found
end

---The block that holds a line, else the last one before it.
---@param text string[]
---@param line integer from 1
---@return foretype.CodeBlock|nil
function M.at(text, line)
  local chosen = nil
  for _, block in ipairs(M.find(text)) do
    if block.first <= line then
      chosen = block
    end
  end
  return chosen
end

return M

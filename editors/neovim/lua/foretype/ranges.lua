--- Places of a buffer in the terms of the protocol.
local M = {}

---Whole lines, without the end of the last.
---@param buf integer
---@param first integer from 1
---@param last integer inclusive
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return table an LSP range
function M.of_lines(buf, first, last, encoding)
  local text = vim.api.nvim_buf_get_lines(buf, last - 1, last, false)[1] or ''
  return {
    start = { line = first - 1, character = 0 },
    ['end'] = { line = last - 1, character = vim.str_utfindex(text, encoding) },
  }
end

---Nothing but the place of the cursor in the current window.
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return table an LSP range
function M.at_cursor(encoding)
  local place = vim.lsp.util.make_position_params(0, encoding).position
  return { start = place, ['end'] = place }
end

---What a user command was given: its lines, else the place of the cursor.
---@param arguments table as |nvim_create_user_command()| gives them
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return table an LSP range
function M.of_command(arguments, encoding)
  if arguments.range == 0 then
    return M.at_cursor(encoding)
  end
  return M.of_lines(0, arguments.line1, arguments.line2, encoding)
end

return M

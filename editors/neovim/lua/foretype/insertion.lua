--- Text put into the buffer at the cursor of the current window.
local M = {}

---Put text behind the cursor in place of `replaced_bytes` bytes, and the cursor behind it.
---@param text string lines parted by "\n"
---@param replaced_bytes integer
function M.insert(text, replaced_bytes)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row, col, row, col + replaced_bytes, lines)
  local start = #lines == 1 and col or 0
  vim.api.nvim_win_set_cursor(0, { row + #lines, start + #lines[#lines] })
end

return M

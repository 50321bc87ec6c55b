--- A line beside the code that says what a model is doing to it.
local M = {}

local namespace = vim.api.nvim_create_namespace('foretype-edit')
local STOP = ' (:ForetypeStop stops it)'

---@param buf integer
---@param row integer from 0
---@param text string
function M.show(buf, row, text)
  if vim.api.nvim_buf_is_valid(buf) then
    vim.api.nvim_buf_set_extmark(buf, namespace, math.min(row, vim.api.nvim_buf_line_count(buf) - 1), 0, {
      id = 1,
      virt_lines = { { { 'Foretype ' .. text .. STOP, 'Comment' } } },
      virt_lines_above = row > 0,
    })
  end
end

---@param buf integer
function M.hide(buf)
  if vim.api.nvim_buf_is_valid(buf) then
    vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  end
end

return M

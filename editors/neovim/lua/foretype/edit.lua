--- Asks the user what an edit is to do, when the server's code action "edit…" is chosen.
local client = require('foretype.client')

local M = {}

---@param command table an LSP Command whose argument is the place to edit
---@param context table
local function prompt(command, context)
  local server = vim.lsp.get_client_by_id(context.client_id)
  vim.ui.input({ prompt = 'Edit: ' }, function(instruction)
    if server and instruction and vim.trim(instruction) ~= '' then
      local argument = vim.tbl_extend('force', command.arguments[1], { instruction = instruction })
      client.run(server, { title = 'Edit', command = 'foretype.edit', arguments = { argument } })
    end
  end)
end

---Let the server's code actions ask.
function M.create()
  vim.lsp.commands[client.PROMPT] = prompt
end

return M

--- The command `:Foretype`.
local client = require('foretype.client')

local M = {}

---A table as indented lines "name: value", names in order.
---@param value table
---@param indent string
---@param lines string[]
local function outline(value, indent, lines)
  for name, content in vim.spairs(value) do
    local label = indent .. (type(name) == 'number' and '-' or name .. ':')
    if type(content) ~= 'table' then
      lines[#lines + 1] = label .. ' ' .. tostring(content)
    elseif next(content) then
      lines[#lines + 1] = label
      outline(content, indent .. '  ', lines)
    end
  end
  return lines
end

---The server that `:Foretype` talks to: the current buffer's, else any.
local function server()
  return client.of(vim.api.nvim_get_current_buf())
    or vim.lsp.get_clients({ name = client.NAME })[1]
end

---@type table<string, fun()>
local subcommands = {
  status = function()
    local running = server()
    if not running then
      return vim.notify('foretype: the server is not running', vim.log.levels.WARN)
    end
    client.run(running, { title = 'Status', command = 'foretype.status' }, function(result)
      local lines = outline(result or {}, '', {})
      vim.api.nvim_echo({ { table.concat(lines, '\n') } }, true, {})
    end)
  end,
}

---Create `:Foretype`, which completes the names of what it can do.
function M.create()
  vim.api.nvim_create_user_command('Foretype', function(arguments)
    local run = subcommands[arguments.args]
    if not run then
      return vim.notify('foretype: no such command: ' .. arguments.args, vim.log.levels.ERROR)
    end
    run()
  end, {
    nargs = 1,
    desc = 'Foretype: status',
    complete = function(start)
      return vim.tbl_filter(function(name)
        return vim.startswith(name, start)
      end, vim.tbl_keys(subcommands))
    end,
  })
end

return M

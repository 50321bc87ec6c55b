--- What `:Foretype NAME` does: see to the server.
local client = require('foretype.client')
local doctor = require('foretype.doctor')
local restart = require('foretype.restart')
local statusline = require('foretype.statusline')

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

---@param name string
local function command(name, ...)
  return { title = name, command = 'foretype.' .. name, arguments = select('#', ...) > 0 and { ... } or nil }
end

---@param is_on boolean
local function switch(is_on)
  return function(server)
    local settings = vim.deepcopy(vim.tbl_get(server, 'settings', 'foretype') or {})
    settings.inlineCompletion = settings.inlineCompletion or {}
    settings.inlineCompletion.enabled = is_on
    client.change_settings(settings)
    statusline.forget()
  end
end

---@param server vim.lsp.Client
---@param feature string
---@param default string|nil
---@param models table[]
local function choose_model(server, feature, default, models)
  vim.ui.select(models, {
    prompt = 'Model for ' .. feature,
    format_item = function(model)
      local mark = model.modelRef == default and ' (now)' or ''
      return ('%s  %s%s'):format(model.displayName or model.modelRef, model.modelRef, mark)
    end,
  }, function(chosen)
    if not chosen then
      return
    end
    local wish = { feature = feature, modelRef = chosen.modelRef }
    client.run(server, command('selectModel', wish), function(defaults)
      statusline.forget()
      vim.notify(('foretype: %s uses %s'):format(feature, (defaults or {})[feature] or chosen.modelRef))
    end)
  end)
end

---@type table<string, fun(server: vim.lsp.Client)>
return {
  status = function(server)
    client.run(server, command('status'), function(result)
      local lines = outline(result or {}, '', {})
      vim.api.nvim_echo({ { table.concat(lines, '\n') } }, true, {})
    end)
  end,

  model = function(server)
    local features = { 'codeCompletion', 'chat', 'fastChat' }
    vim.ui.select(features, { prompt = 'Model for' }, function(feature)
      if not feature then
        return
      end
      client.run(server, command('models'), function(document)
        document = document or {}
        choose_model(server, feature, (document.defaultModels or {})[feature], document.models or {})
      end)
    end)
  end,

  reload = function(server)
    client.run(server, command('reload'), function(result)
      statusline.forget()
      local problems = (result or {}).problems or {}
      local level = #problems > 0 and vim.log.levels.WARN or vim.log.levels.INFO
      local lines = { ('foretype: read again, %d problems'):format(#problems) }
      for _, problem in ipairs(problems) do
        table.insert(lines, problem.message or vim.inspect(problem))
      end
      vim.notify(table.concat(lines, '\n'), level)
    end)
  end,

  restart = function()
    restart.start_again(client.NAME)
  end,

  log = function()
    vim.cmd.tabedit({ args = { vim.fn.fnameescape(vim.lsp.log.get_filename()) } })
    vim.cmd('silent! normal! G')
  end,

  doctor = doctor.run,
  on = switch(true),
  off = switch(false),
}

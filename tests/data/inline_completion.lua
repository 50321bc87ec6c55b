-- What Neovim 0.12 documents of |vim.lsp.inline_completion|, for tests in Neovims that lack it: it
-- asks 200 ms after a move, hides on leaving insert mode, keeps the range of an item as it was
-- sent, and hands an item to `on_accept` later instead of inserting it.
if vim.lsp.inline_completion then
  return
end

local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
local group = vim.api.nvim_create_augroup('nvim.lsp.inline_completion', {})
local active = {}
local M = {}

local function hide(buf)
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
end

local function show(buf)
  hide(buf)
  local item = active[buf].current
  if not item then
    return
  end
  local lines = vim.split(item.insert_text, '\n', { plain = true })
  local start, cursor = item.range.sent.start, vim.api.nvim_win_get_cursor(0)
  local line = vim.api.nvim_get_current_line()
  local skip = math.max(cursor[2] - start.character, 0)
  local below = vim.tbl_map(function(text)
    return { { text, 'ComplHint' } }
  end, vim.list_slice(lines, 2))
  if start.line == cursor[1] - 1 and #line >= cursor[2] then
    vim.api.nvim_buf_set_extmark(buf, namespace, start.line, cursor[2], {
      virt_text = { { lines[1]:sub(skip + 1), 'ComplHint' } },
      virt_text_pos = 'inline',
      virt_lines = #below > 0 and below or nil,
    })
  end
end

local function ask(buf)
  local client = vim.lsp.get_clients({ bufnr = buf, method = 'textDocument/inlineCompletion' })[1]
  if not client or not active[buf] then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = 2 }
  client:request('textDocument/inlineCompletion', params, function(err, result)
    local state = active[buf]
    if err or not result or not state or vim.api.nvim_get_mode().mode:sub(1, 1) ~= 'i' then
      return
    end
    local raw = (result.items or result)[1]
    state.current = raw
      and {
        client_id = client.id,
        insert_text = raw.insertText,
        command = raw.command,
        range = {
          sent = raw.range,
          to_lsp = function(self)
            return vim.deepcopy(self.sent)
          end,
        },
      }
    show(buf)
  end, buf)
end

local function abort(buf)
  active[buf].timer:stop()
  active[buf].current = nil
  hide(buf)
end

function M.is_enabled(filter)
  return active[filter.bufnr] ~= nil
end

function M.enable(is_on, filter)
  local buf = filter.bufnr
  if is_on and not active[buf] then
    active[buf] = { timer = vim.uv.new_timer() }
    vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedP' }, {
      group = group,
      buffer = buf,
      callback = function()
        show(buf)
        active[buf].timer:start(200, 0, vim.schedule_wrap(function()
          ask(buf)
        end))
      end,
    })
    vim.api.nvim_create_autocmd('InsertLeave', {
      group = group,
      buffer = buf,
      callback = function()
        abort(buf)
      end,
    })
  elseif not is_on and active[buf] then
    abort(buf)
    vim.api.nvim_clear_autocmds({ group = group, buffer = buf })
    active[buf] = nil
  end
end

function M.get(opts)
  local buf = vim.api.nvim_get_current_buf()
  local state = active[buf]
  if not state or not state.current then
    return false
  end
  vim.schedule(function()
    local item = state.current
    abort(buf)
    if item then
      opts.on_accept(item)
    end
  end)
  return true
end

vim.lsp.inline_completion = M

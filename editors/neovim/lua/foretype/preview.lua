--- A proposed change of a file beside the file as it is, until it is accepted or rejected.
local M = {}

local HINT = ' Foretype proposes this: Enter accepts, q rejects%<'

---@class foretype.Proposal
---@field edit table the LSP WorkspaceEdit
---@field encoding "utf-8"|"utf-16"|"utf-32"
---@field buf integer the file
---@field tick integer its state that the edit is for
---@field scratch integer what it would become
---@field tab integer the tab page that shows both

---@type foretype.Proposal|nil
local proposal = nil

---@param edit table
---@return table[] changes each `{ uri, edits }`
---@return boolean is_text_only whether no file is made, renamed or deleted
local function changes_of(edit)
  local changes, is_text_only = {}, true
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.kind then
      is_text_only = false
    else
      table.insert(changes, { uri = change.textDocument.uri, edits = change.edits })
    end
  end
  if not edit.documentChanges then
    for uri, edits in pairs(edit.changes or {}) do
      table.insert(changes, { uri = uri, edits = edits })
    end
  end
  return changes, is_text_only
end

---@param buf integer
---@param edits table[]
---@param encoding string
local function changed_copy(buf, edits, encoding)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, true, vim.api.nvim_buf_get_lines(buf, 0, -1, true))
  vim.bo[scratch].endofline = vim.bo[buf].endofline
  vim.bo[scratch].fixendofline = vim.bo[buf].fixendofline
  vim.lsp.util.apply_text_edits(vim.deepcopy(edits), scratch, encoding)
  vim.bo[scratch].buflisted = false
  vim.bo[scratch].bufhidden = 'wipe'
  vim.bo[scratch].filetype = vim.bo[buf].filetype
  vim.bo[scratch].modifiable = false
  vim.api.nvim_buf_set_name(scratch, 'foretype://proposal/' .. scratch)
  return scratch
end

---@param buf integer
---@param scratch integer
---@return integer tab
local function open_tab(buf, scratch)
  vim.cmd('tab split')
  vim.api.nvim_win_set_buf(0, buf)
  vim.cmd.diffthis()
  -- On both sides, so that the lines stand side by side.
  vim.api.nvim_set_option_value('winbar', ' %t as it is', { win = 0, scope = 'local' })
  local beside = vim.api.nvim_open_win(scratch, true, { split = 'right', win = 0 })
  vim.cmd.diffthis()
  vim.api.nvim_set_option_value('winbar', HINT, { win = beside, scope = 'local' })
  vim.api.nvim_win_set_cursor(beside, { 1, 0 })
  pcall(vim.cmd --[[@as fun(command: string)]], 'silent! normal! ]c')
  return vim.api.nvim_get_current_tabpage()
end

---Apply a change that cannot be shown beside a file, such as one that makes a file, and show it.
---@param edit table
---@param changes table[]
---@param encoding string
local function apply_at_once(edit, changes, encoding)
  vim.lsp.util.apply_workspace_edit(edit, encoding)
  for _, change in ipairs(changes) do
    vim.cmd.split()
    vim.api.nvim_win_set_buf(0, vim.uri_to_bufnr(change.uri))
  end
end

---Show what an edit would do; one that waits already is rejected.
---@param edit table an LSP WorkspaceEdit
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return boolean has_changes
function M.show(edit, encoding)
  M.reject()
  local changes, is_text_only = changes_of(edit)
  if not is_text_only then
    apply_at_once(edit, changes, encoding)
    return true
  end
  local change = changes[1]
  if not change or #change.edits == 0 then
    return false
  end
  local buf = vim.uri_to_bufnr(change.uri)
  vim.fn.bufload(buf)
  local scratch = changed_copy(buf, change.edits, encoding)
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  local tab = open_tab(buf, scratch)
  proposal =
    { edit = edit, encoding = encoding, buf = buf, tick = tick, scratch = scratch, tab = tab }
  for key, act in pairs({ ['<CR>'] = M.accept, q = M.reject }) do
    vim.keymap.set('n', key, act, { buffer = scratch, desc = 'Foretype: ' .. key })
  end
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = scratch,
    callback = function()
      if proposal and proposal.scratch == scratch then
        proposal = nil
      end
    end,
  })
  return true
end

---@return foretype.Proposal|nil
local function close()
  local shown = proposal
  proposal = nil
  if not shown then
    return nil
  end
  local file_window = nil
  if vim.api.nvim_tabpage_is_valid(shown.tab) then
    for _, window in ipairs(vim.api.nvim_tabpage_list_wins(shown.tab)) do
      if vim.api.nvim_win_get_buf(window) == shown.buf then
        file_window = window
        vim.api.nvim_win_call(window, vim.cmd.diffoff)
        vim.api.nvim_set_option_value('winbar', '', { win = window, scope = 'local' })
      end
    end
  end
  if vim.api.nvim_buf_is_valid(shown.scratch) then
    vim.api.nvim_buf_delete(shown.scratch, { force = true })
  end
  if file_window and vim.api.nvim_win_is_valid(file_window) and vim.fn.tabpagenr('$') > 1 then
    vim.cmd.tabclose({ args = { tostring(vim.api.nvim_tabpage_get_number(shown.tab)) } })
  end
  return shown
end

---Change the file as proposed.
---@return boolean was_shown
function M.accept()
  local shown = close()
  if not shown then
    return false
  end
  if vim.api.nvim_buf_get_changedtick(shown.buf) ~= shown.tick then
    vim.notify('foretype: the file was changed meanwhile; ask again', vim.log.levels.WARN)
    return true
  end
  vim.lsp.util.apply_workspace_edit(shown.edit, shown.encoding)
  return true
end

---Leave the file as it is.
---@return boolean was_shown
function M.reject()
  return close() ~= nil
end

---Whether a proposal waits for an answer.
---@return boolean
function M.is_shown()
  return proposal ~= nil
end

return M

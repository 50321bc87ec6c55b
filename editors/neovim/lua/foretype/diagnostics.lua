--- What other servers and linters say is wrong, for the server's action "fix".
local M = {}

local CODE_ACTION = 'textDocument/codeAction'

---@param buf integer
---@param row integer from 0
---@param column integer in bytes
---@param encoding "utf-8"|"utf-16"|"utf-32"
local function position(buf, row, column, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  return { line = row, character = vim.str_utfindex(line, encoding, math.min(column, #line), false) }
end

---Every diagnostic of a buffer that is in the lines of a range, whoever made it. Columns are counted
---anew: the server that a diagnostic is of may count them in another way than ours.
---@param buf integer
---@param range table an LSP range
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return table[] LSP diagnostics
function M.in_lines(buf, range, encoding)
  local found = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buf)) do
    local last = diagnostic.end_lnum or diagnostic.lnum
    if diagnostic.lnum <= range['end'].line and last >= range.start.line then
      table.insert(found, {
        range = {
          start = position(buf, diagnostic.lnum, diagnostic.col, encoding),
          ['end'] = position(buf, last, diagnostic.end_col or diagnostic.col, encoding),
        },
        message = diagnostic.message,
        severity = diagnostic.severity,
        source = diagnostic.source,
        code = diagnostic.code,
      })
    end
  end
  return found
end

---Have code actions asked with everybody's diagnostics: Neovim sends a server only its own.
---@param server vim.lsp.Client
function M.on_init(server)
  local request = server.request
  server.request = function(self, method, params, ...)
    if method == CODE_ACTION and vim.tbl_isempty(params.context.diagnostics or {}) then
      local buf = vim.uri_to_bufnr(params.textDocument.uri)
      params = vim.deepcopy(params)
      params.context.diagnostics = M.in_lines(buf, params.range, self.offset_encoding)
    end
    return request(self, method, params, ...)
  end
end

return M

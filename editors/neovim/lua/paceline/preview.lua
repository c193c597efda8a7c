--- What an edit would do to a buffer, as a unified diff, without doing it.
local M = {}

--- Return the lines of the diff, empty where the edit changes nothing.
---@param buffer integer
---@param edit lsp.WorkspaceEdit of this buffer alone
---@param encoding string of its positions
---@return string[]
function M.diff(buffer, edit, encoding)
  local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, before)
  vim.lsp.util.apply_text_edits(M.edits(edit), scratch, encoding)
  local after = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  local diff = vim.diff(M.text(before), M.text(after), { ctxlen = 3 })
  return vim.split(vim.trim(diff --[[@as string]]), '\n')
end

--- Return the text edits of a workspace edit, in either of the protocol's two forms.
---@param edit lsp.WorkspaceEdit
---@return lsp.TextEdit[]
function M.edits(edit)
  if edit.documentChanges then
    return vim
      .iter(edit.documentChanges)
      :map(function(change)
        return change.edits
      end)
      :flatten()
      :totable()
  end
  return vim.iter(vim.tbl_values(edit.changes or {})):flatten():totable()
end

---@param lines string[]
function M.text(lines)
  return table.concat(lines, '\n') .. '\n'
end

return M

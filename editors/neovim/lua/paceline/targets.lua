--- Which functions of a buffer are meant: those on some lines, those that differ from the last commit, or all.
local session = require('paceline.session')
local M = {}

---@alias paceline.Lines {first: integer, last: integer} 1-based, both inclusive

--- Ask the server for the functions of a buffer.
---@param client vim.lsp.Client
---@param buffer integer
---@param take fun(functions: {name: string, range: lsp.Range, position: lsp.Position}[])
function M.all(client, buffer, take)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
  session.request(client, 'paceline/functions', params, buffer, function(result)
    take(result.functions)
  end)
end

--- Return the functions that work on whole files may take: no comment in the code keeps it away from them.
---@param functions {ignored?: boolean}[]
function M.not_ignored(functions)
  return vim.tbl_filter(function(one)
    return not one.ignored
  end, functions)
end

--- Return the functions that have a line in common with any of the given.
---@param functions {range: lsp.Range}[]
---@param touched paceline.Lines[]
function M.on_lines(functions, touched)
  return vim.tbl_filter(function(one)
    local first, last = one.range.start.line + 1, one.range['end'].line + 1
    return vim.iter(touched):any(function(lines)
      return lines.first <= last and lines.last >= first
    end)
  end, functions)
end

--- Return the lines of a buffer that differ from the last commit, nil where it has none, which was said then.
---@param buffer integer
---@return paceline.Lines[]?
function M.changed_lines(buffer)
  local before = M.committed(buffer)
  local now = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n'
  return before and M.differences(before, now)
end

--- Return the text of a buffer's file as of the last commit. Nil after having said why, where git knows none.
---@param buffer integer
---@return string?
function M.committed(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  -- Reads the blob as it is: nothing that the repository configures is run, and nothing is fetched.
  local read = { 'git', 'cat-file', 'blob', 'HEAD:./' .. vim.fs.basename(path) }
  local options = { cwd = vim.fs.dirname(path), text = true, env = { GIT_NO_LAZY_FETCH = '1' } }
  local started, git = pcall(function()
    return vim.system(read, options):wait(5000)
  end)
  if started and git.code == 0 then
    return git.stdout
  end
  local why = started and vim.trim(git.stderr or '') or 'git cannot be run'
  session.say('Paceline: no earlier state of this file is known: ' .. why, vim.log.levels.WARN)
end

--- Return the lines of a text that another does not have.
---@param before string
---@param after string
---@return paceline.Lines[]
function M.differences(before, after)
  local touched = {}
  for _, hunk in
    ipairs(vim.diff(before, after, { result_type = 'indices' }) --[[@as integer[][] ]])
  do
    local start, count = hunk[3], hunk[4]
    -- Where lines were only taken away, the two around the gap have changed.
    table.insert(touched, { first = start, last = start + math.max(count - 1, count == 0 and 1 or 0) })
  end
  return touched
end

return M

--- What the commands do, for mappings and statuslines: require('paceline').optimize() and so on.
local M = {}

--- Prove faster versions of the function at the cursor; of every function of the file, or of some, where asked.
---@param options? {bang?: boolean, args?: string, range?: integer, line1?: integer, line2?: integer} as commands get
function M.optimize(options)
  options = options or {}
  local run, targets = require('paceline.run'), require('paceline.targets')
  local buffer = vim.api.nvim_get_current_buf()
  if options.args == 'changed' then
    local touched = targets.changed_lines(buffer)
    return touched
      and run.start_several(buffer, function(functions)
        return targets.on_lines(targets.not_ignored(functions), touched)
      end)
  end
  if options.bang then
    return run.start_several(buffer, targets.not_ignored)
  end
  if (options.range or 0) > 0 then
    return run.start_several(buffer, function(functions)
      return targets.on_lines(functions, { { first = options.line1, last = options.line2 } })
    end)
  end
  run.start(buffer)
end

--- End every run. What was proven already stays among the code actions.
function M.cancel()
  require('paceline.run').cancel()
end

--- Choose among the proven versions of the function at the cursor, with a preview of each.
---@param options? {bang?: boolean} with a bang, the fastest version of every function of the file, as one
function M.pick(options)
  require('paceline.pick').open(options)
end

--- Show what was measured for the function at the cursor.
function M.evidence()
  require('paceline.evidence').open()
end

--- Teach the team the change of the function at the cursor since the last commit.
---@param options? {args?: string} why it was made, in your words
function M.teach(options)
  require('paceline.run').teach(vim.api.nvim_get_current_buf(), (options or {}).args or '')
end

--- Show what was learnt in this workspace.
function M.lessons()
  require('paceline.lessons').open()
end

--- Start the server anew, for the buffers it served.
function M.restart()
  require('paceline.server').restart()
end

--- What the team is doing, in a few words, for a statusline; empty while it rests.
---@return string
function M.status()
  return require('paceline.status').words()
end

return M

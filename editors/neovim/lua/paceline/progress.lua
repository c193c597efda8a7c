--- The runs in a corner of the screen: what goes on, and what is proven so far. Takes no focus.
local float = require('paceline.float')
local M = {}

local WIDTH = 64
local buffer, window ---@type integer?, integer?

--- Show the runs, or close the window where there are none.
---@param runs paceline.Run[]
function M.show(runs)
  if #runs == 0 then
    return M.close()
  end
  local width = math.min(WIDTH, vim.o.columns - 4)
  local lines = M.lines(runs, width)
  local height = math.min(#lines, math.max(1, vim.o.lines - 6))
  local row = vim.o.lines - height - vim.o.cmdheight - 3
  if not (window and vim.api.nvim_win_is_valid(window)) then
    buffer, window = float.open(lines, {
      title = 'Paceline',
      footer = ':PacelineCancel ends it',
      width = width,
      height = height,
      row = row,
      col = vim.o.columns - width - 3,
      enter = false,
    })
  else
    float.fill(buffer, lines)
    vim.api.nvim_win_set_config(window, {
      relative = 'editor',
      row = row,
      col = vim.o.columns - width - 3,
      width = width,
      height = height,
    })
  end
  for number, line in ipairs(lines) do
    local from, to = line:find('^ ✓ %S+ faster')
    if from then
      float.colour(buffer, 'PacelineGain', number - 1, from - 1, to)
    end
  end
end

--- Close the window.
function M.close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  buffer, window = nil, nil
end

--- Return what the window says of the runs.
---@param runs paceline.Run[]
---@param width integer of a line, in cells
---@return string[]
function M.lines(runs, width)
  local lines = {}
  for _, run in ipairs(runs) do
    table.insert(lines, ' ' .. run.count .. run.title)
    if run.message ~= '' then
      table.insert(lines, '   ' .. run.message)
    end
    for _, title in ipairs(run.found) do
      table.insert(lines, ' ✓ ' .. title)
    end
  end
  return vim.tbl_map(function(line)
    return M.cut(line, width)
  end, lines)
end

--- Return a line that fits, with a mark where something is cut off.
---@param line string
---@param width integer in cells
---@return string
function M.cut(line, width)
  if vim.fn.strdisplaywidth(line) <= width then
    return line
  end
  return vim.fn.strcharpart(line, 0, width - 1) .. '…'
end

return M

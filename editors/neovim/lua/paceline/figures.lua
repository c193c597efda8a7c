--- Figures as people read them: the words of the command line.
local M = {}

local UNITS = { { 1, 's' }, { 1e-3, 'ms' }, { 1e-6, 'µs' }, { 1e-9, 'ns' } }

--- The judge's names of where inputs come from, in words, the worthiest first.
local SOURCES = {
  { 'recorded', 'recorded' },
  { 'call-site', 'from call sites' },
  { 'doctest', 'from doctests' },
  { 'type-hints', 'from type hints' },
  { 'probed', 'probed' },
  { 'edge', 'edge cases' },
  { 'fresh', 'fresh to confirm' },
}

--- Return a value that JSON may have left out, nil where it did.
function M.known(value)
  return value ~= vim.NIL and value or nil
end

--- Return a duration with three figures and its unit: `112 µs`, `1.25 ms`.
---@param value number seconds
function M.seconds(value)
  for _, unit in ipairs(UNITS) do
    local size, name = unit[1], unit[2]
    if value >= size * 0.9995 or name == 'ns' then
      local figure = value / size
      return ('%.' .. (figure >= 99.5 and 0 or figure >= 9.95 and 1 or 2) .. 'f %s'):format(figure, name)
    end
  end
end

--- Return a speedup without its unit: `3.1`, `1.12`, `173`.
---@param value number
local function bare(value)
  return ('%.' .. (value >= 99.5 and 0 or value >= 1.95 and 1 or 2) .. 'f'):format(value)
end

--- Return a speedup: `3.1x`; a dash where it is not known.
---@param value number?
function M.ratio(value)
  return M.known(value) and bare(value) .. 'x' or '-'
end

--- Return the bounds of an interval: `(2.8-3.4)`, empty where either is not known.
function M.interval(low, high)
  if not (M.known(low) and M.known(high)) then
    return ''
  end
  return ('(%s-%s)'):format(bare(low), bare(high))
end

--- Return what was compared: `no difference in 34 inputs: 12 recorded, 22 edge cases`.
---@param checks {inputs: integer, sources: table<string, integer>}
function M.checks(checks)
  local named = {}
  for _, source in ipairs(SOURCES) do
    local count = checks.sources[source[1]]
    if count and count > 0 then
      table.insert(named, ('%d %s'):format(count, source[2]))
    end
  end
  local words = ('no difference in %d %s'):format(checks.inputs, checks.inputs == 1 and 'input' or 'inputs')
  if #named > 0 then
    words = words .. ': ' .. table.concat(named, ', ')
  end
  return words
end

--- Return how many of the project's own tests pass, empty where none reaches the function.
---@param tests integer
function M.tests(tests)
  return tests == 0 and '' or ('%d of the project that reach the function pass'):format(tests)
end

return M

--- The evidence of one suggestion in a window: what was compared, what was measured, which lessons were shown.
local figures = require('paceline.figures')
local float = require('paceline.float')
local session = require('paceline.session')
local M = {}

local known = figures.known
local STRIP = 40

---@type table<integer, string> buffer to the suggestion that was applied there last
local applied = {}

--- Remember what was applied: its evidence is asked for when nothing else is proven at the cursor.
---@param buffer integer
---@param id string
function M.remember(buffer, id)
  applied[buffer] = id
end

--- Show the evidence of a suggestion: the given one, else the fastest for the function at the cursor, else that
--- of what was applied last in this buffer.
---@param id? string
function M.open(id)
  local buffer = vim.api.nvim_get_current_buf()
  local client = session.client(buffer)
  if not client then
    return
  end
  if id then
    return M.fetch(client, buffer, id)
  end
  session.request(
    client,
    'paceline/suggestions',
    {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      position = session.here(client).position,
    },
    buffer,
    function(result)
      local found = result.functions[1]
      id = found and found.suggestions[1].id or applied[buffer]
      if not id then
        return session.say(
          'Paceline: nothing is proven for the function at the cursor; :PacelineOptimize starts a run'
        )
      end
      M.fetch(client, buffer, id)
    end
  )
end

--- Ask for the evidence of a suggestion, and show it.
---@param client vim.lsp.Client
---@param buffer integer
---@param id string
function M.fetch(client, buffer, id)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, id = id }
  session.request(client, 'paceline/evidence', params, buffer, function(evidence)
    local lines, marks = M.lines(evidence)
    local shown = float.read(lines, { title = 'Evidence: ' .. evidence['function'] })
    for _, mark in ipairs(marks) do
      float.colour(shown, mark.group, mark.line - 1, mark.from - 1, mark.to)
    end
  end)
end

--- Return the lines of the window, and what to colour in them.
---@param evidence table the answer to `paceline/evidence`
---@return string[]
---@return {line: integer, from: integer, to: integer, group: string}[] 1-based
function M.lines(evidence)
  local lines, marks = {}, {}
  local function add(line, group, from, to)
    table.insert(lines, ' ' .. line)
    if group then
      table.insert(marks, { line = #lines, from = from or 1, to = to or #lines[#lines], group = group })
    end
  end
  local function fact(label, words)
    if words and words ~= '' then
      add(('%-11s %s'):format(label, words), 'PacelineLabel', 1, 12)
    end
  end
  local gain = evidence.title:match('^%S+ faster')
  add(evidence.title, gain and 'PacelineGain', 1, gain and #gain + 1)
  if not evidence.standing then
    add('This was measured before the function changed, or before it was applied.', 'PacelineLabel')
  end
  add('')
  fact('compared', figures.checks(evidence.checks))
  fact('tests', figures.tests(evidence.checks.tests))
  for _, note in ipairs(evidence.checks.notes) do
    fact('', note)
  end
  local timing = known(evidence.timing)
  if timing then
    fact('measured', M.measured(timing))
    fact(
      'control',
      'the original against itself ' .. figures.interval(timing.control_low, timing.control_high)
    )
  end
  fact('by', M.by(evidence))
  fact('sandbox', evidence.isolation)
  fact('machine', M.pairs(evidence.environment))
  if timing and #timing.sizes > 0 then
    add('')
    add(('%9s %10s %10s  %s'):format('elements', 'before', 'after', 'speedup'), 'PacelineLabel')
    for _, size in ipairs(timing.sizes) do
      add(M.size(size))
    end
    add('')
    add('launches at the largest size, each a fresh pair of processes', 'PacelineLabel')
    add(M.strip(timing.sizes[#timing.sizes].ratios))
  end
  if #evidence.lessons > 0 then
    add('')
    add('lessons shown to the member', 'PacelineLabel')
    for _, lesson in ipairs(evidence.lessons) do
      add(
        ('%s  %s'):format(
          lesson.id:sub(1, 8),
          lesson.text ~= '' and M.brief(lesson.text) or 'forgotten since'
        )
      )
    end
  end
  add('')
  -- From the first hunk on: the file is known.
  for _, line in ipairs(vim.split(vim.trim(evidence.diff:match('@@.*') or ''), '\n')) do
    local first = line:sub(1, 1)
    add(
      line,
      first == '+' and 'Added' or first == '-' and 'Removed' or first == '@' and 'PacelineLabel' or nil
    )
  end
  return lines, marks
end

--- Return what the interval rests on.
function M.measured(timing)
  local words = ('%s %s, %g%% interval over %d launches'):format(
    figures.ratio(timing.speedup),
    figures.interval(timing.low, timing.high),
    timing.confidence * 100,
    timing.launches
  )
  return words .. (timing.confirmed and ', confirmed on fresh inputs' or '')
end

--- Return a row of the table of sizes. `%10s` counts bytes, and the micro sign has two.
function M.size(size)
  local function right(text)
    return (' '):rep(10 - vim.fn.strdisplaywidth(text)) .. text
  end
  return ('%9d %s %s  %s %s'):format(
    size.elements,
    right(figures.seconds(size.original_s)),
    right(figures.seconds(size.candidate_s)),
    figures.ratio(size.speedup),
    figures.interval(size.low, size.high)
  )
end

--- Return launches as points on a line, from the smallest ratio to the largest.
---@param ratios number[]
function M.strip(ratios)
  local low, high = math.huge, -math.huge
  for _, ratio in ipairs(ratios) do
    low, high = math.min(low, ratio), math.max(high, ratio)
  end
  local cells = {}
  for cell = 1, STRIP do
    cells[cell] = '─'
  end
  for _, ratio in ipairs(ratios) do
    local share = high > low and (ratio - low) / (high - low) or 0.5
    cells[1 + math.floor(share * (STRIP - 1) + 0.5)] = '●'
  end
  return ('%s %s %s'):format(figures.ratio(low), table.concat(cells), figures.ratio(high))
end

--- Return who made it, and by which recipes.
function M.by(evidence)
  local recipes = table.concat(evidence.recipes, ' + ')
  return evidence.member .. (recipes ~= '' and ': ' .. recipes or '')
end

--- Return names and values in the order of the names.
function M.pairs(values)
  local words = {}
  for _, name in ipairs(vim.fn.sort(vim.tbl_keys(values))) do
    table.insert(words, ('%s %s'):format(name, values[name]))
  end
  return table.concat(words, ', ')
end

--- Return the first sentence of a lesson, on one line.
function M.brief(text)
  local line = text:gsub('%s+', ' ')
  local sentence = line:match('^(.-%.) ') or line
  return #sentence > 100 and vim.fn.strcharpart(sentence, 0, 99) .. '…' or sentence
end

return M

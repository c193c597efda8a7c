--- The lessons of the workspace in a window, by category: read, pin, forget, go to where one was learnt.
local figures = require('paceline.figures')
local float = require('paceline.float')
local session = require('paceline.session')
local M = {}

local known = figures.known

--- Ask for the lessons, and show them.
function M.open()
  local buffer = vim.api.nvim_get_current_buf()
  local is_served = #vim.lsp.get_clients({ name = 'paceline', bufnr = buffer }) > 0
  local client = session.client(is_served and buffer or nil)
  if not client then
    return
  end
  session.request(client, 'paceline/lessons', vim.empty_dict(), buffer, function(result)
    if #result.lessons == 0 then
      return session.say('Paceline: no lesson is banked here yet; :PacelineOptimize teaches the first ones')
    end
    M.show(client, M.by_category(result.lessons))
  end)
end

--- Return the lessons in the order of their categories, each category's in the order given.
---@param lessons table[]
function M.by_category(lessons)
  local groups = {}
  for _, lesson in ipairs(lessons) do
    groups[lesson.category] = groups[lesson.category] or {}
    table.insert(groups[lesson.category], lesson)
  end
  local ordered = {}
  for _, category in ipairs(vim.fn.sort(vim.tbl_keys(groups))) do
    vim.list_extend(ordered, groups[category])
  end
  return ordered
end

--- Show lessons in a window of their own.
---@param client vim.lsp.Client
---@param lessons table[] in the order of their categories
function M.show(client, lessons)
  local open = {} ---@type table<string, boolean> lessons of which everything is shown, by id
  local lines, owners = M.lines(lessons, open)
  local buffer, window = float.read(lines, {
    title = ('Lessons: %d'):format(#lessons),
    footer = '⏎ more   p pin   x forget   o its function   q close',
  })
  vim.wo[window].cursorline = true
  vim.api.nvim_win_set_config(window, {
    width = math.min(100, vim.o.columns - 6),
    height = math.min(math.max(#lines, 16), vim.o.lines - 6),
    relative = 'editor',
    row = 2,
    col = math.max(0, math.floor((vim.o.columns - 100) / 2) - 1),
  })

  local function draw()
    lines, owners = M.lines(lessons, open)
    float.fill(buffer, lines)
    M.colour(buffer, lines, owners)
  end
  local function on(key, desc, call)
    vim.keymap.set('n', key, function()
      local lesson = owners[vim.api.nvim_win_get_cursor(0)[1]]
      if lesson then
        call(lesson)
      end
    end, { buffer = buffer, nowait = true, desc = desc })
  end
  local function ask(method, params, take)
    session.request(client, method, params, buffer, function(answer)
      if answer.found and vim.api.nvim_buf_is_valid(buffer) then
        take()
        draw()
      elseif not answer.found then
        session.say('Paceline: this lesson is in the bank no longer', vim.log.levels.WARN)
      end
    end)
  end

  on('<CR>', 'Show everything of the lesson', function(lesson)
    open[lesson.id] = not open[lesson.id]
    draw()
  end)
  on('p', 'Pin or unpin the lesson', function(lesson)
    local pinned = not M.pinned(lesson)
    ask('paceline/lessons/pin', { root = lesson.root, id = lesson.id, pinned = pinned }, function()
      lesson.credit = vim.tbl_extend('force', known(lesson.credit) or {}, { pinned = pinned })
    end)
  end)
  on('x', 'Forget the lesson', function(lesson)
    if vim.fn.confirm(('Forget "%s"?'):format(lesson.transformation), '&Forget\n&Keep', 2) == 1 then
      ask('paceline/lessons/forget', { root = lesson.root, id = lesson.id }, function()
        lessons = vim.tbl_filter(function(one)
          return one.id ~= lesson.id
        end, lessons)
      end)
    end
  end)
  on('o', 'Go to the function it was learnt on', function(lesson)
    vim.api.nvim_win_close(window, true)
    M.go_to(lesson)
  end)
  draw()
end

--- Return the lines of the window, and whose each is; a heading is nobody's.
---@param lessons table[]
---@param open table<string, boolean>
---@return string[]
---@return table<integer, table> line, 1-based, to its lesson
function M.lines(lessons, open)
  local lines, owners, category = {}, {}, nil
  for _, lesson in ipairs(lessons) do
    if lesson.category ~= category then
      if category then
        table.insert(lines, '')
      end
      category = lesson.category
      table.insert(lines, ' ' .. category)
    end
    for _, line in ipairs(M.entry(lesson, open[lesson.id])) do
      table.insert(lines, line)
      owners[#lines] = lesson
    end
  end
  return lines, owners
end

--- Return the lines of one lesson.
---@param lesson table
---@param is_open? boolean
---@return string[]
function M.entry(lesson, is_open)
  local evidence, credit = lesson.evidence, known(lesson.credit) or {}
  local outcome = evidence.outcome:gsub('-', ' ')
  local speedup = known(evidence.speedup)
  local gain = speedup
    and ('%s %s'):format(figures.ratio(speedup), figures.interval(evidence.low, evidence.high))
  local what = lesson.transformation
  local head = ('   %s %s%s  %s'):format(
    M.pinned(lesson) and '◆' or '·',
    what,
    (' '):rep(56 - vim.fn.strdisplaywidth(what)),
    vim.trim(('%s %s'):format(outcome, gain or ''))
  )
  if not is_open then
    return { head }
  end
  local lines = { head }
  for _, line in ipairs(M.wrapped(lesson.text, 84)) do
    table.insert(lines, '       ' .. line)
  end
  local origin = lesson.origin
  local where = table.concat(
    vim.tbl_filter(function(part)
      return part ~= ''
    end, { origin.target, known(lesson.place) or origin.file }),
    ' in '
  )
  table.insert(
    lines,
    ('       %s  learnt %s%s'):format(
      lesson.id:sub(1, 8),
      lesson.created:sub(1, 10),
      where ~= '' and ' on ' .. where or ''
    )
  )
  table.insert(
    lines,
    ('       shown %d times, helped %d, hurt %d'):format(
      credit.shown or 0,
      credit.helped or 0,
      credit.hurt or 0
    )
  )
  return lines
end

--- Colour the headings, the gains and what is said of an open lesson.
function M.colour(buffer, lines, owners)
  for number, line in ipairs(lines) do
    local from, to = line:find('faster %S+x')
    if not owners[number] and line ~= '' then
      float.colour(buffer, 'PacelineTitle', number - 1, 0, #line)
    elseif from and line:find('^   [◆·]') then
      float.colour(buffer, 'PacelineGain', number - 1, from - 1, to)
    elseif line:find('^       ') then
      float.colour(buffer, 'PacelineLabel', number - 1, 0, #line)
    end
  end
end

--- Whether a lesson is pinned.
function M.pinned(lesson)
  local credit = known(lesson.credit)
  return credit ~= nil and credit.pinned == true
end

--- Go to the function a lesson was learnt on, where it still stands.
function M.go_to(lesson)
  local name = vim.pesc(lesson.origin.target:match('[^.]+$') or '')
  local found = vim.iter(M.files(lesson)):find(function(path)
    return vim.iter(io.lines(path)):any(function(line)
      return line:find('def%s+' .. name .. '%f[^%w_]') ~= nil
    end)
  end)
  if not found then
    return session.say(
      ('Paceline: %s is not there any more'):format(lesson.origin.target),
      vim.log.levels.WARN
    )
  end
  vim.cmd.edit(vim.fn.fnameescape(found))
  vim.fn.cursor(1, 1)
  vim.fn.search([[\<def\s\+]] .. lesson.origin.target:match('[^.]+$') .. [[\>]], 'c')
end

--- Return the files of its workspace that a lesson may have been learnt in, the likeliest first: it says the name, and
--- not always the folder.
---@param lesson table
---@return string[]
function M.files(lesson)
  local root, file = vim.fs.normalize(lesson.root), lesson.origin.file
  if file == '' then
    return {}
  end
  local said = known(lesson.place) or file
  local path = vim.fs.normalize(vim.startswith(said, '/') and said or vim.fs.joinpath(root, said))
  local named = vim.fs.find(vim.fs.basename(file), { path = root, type = 'file', limit = 20 })
  -- Lessons travel, and what a stranger's says is not a place outside of the workspace.
  if vim.startswith(path, root .. '/') and vim.uv.fs_stat(path) then
    table.insert(named, 1, path)
  end
  return named
end

--- Return a text in lines of at most so many characters, broken between words.
---@param text string
---@param width integer
function M.wrapped(text, width)
  local lines, line = {}, ''
  for word in text:gmatch('%S+') do
    if line ~= '' and vim.fn.strchars(line) + 1 + vim.fn.strchars(word) > width then
      table.insert(lines, line)
      line = word
    else
      line = line == '' and word or line .. ' ' .. word
    end
  end
  if line ~= '' then
    table.insert(lines, line)
  end
  return lines
end

return M

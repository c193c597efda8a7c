--- Floating windows: made here once, so that all look alike and close alike.
local M = {}

--- Names of the highlights, each linked to one that every colour scheme has.
local LINKS = {
  PacelineGain = 'Added',
  PacelineTitle = 'Title',
  PacelineLabel = 'Comment',
}

--- Open a window over the editor that `q` and `<Esc>` close, as does leaving it.
---@param lines string[]
---@param options {title: string, footer?: string, width: integer, height: integer, row?: integer, col?: integer,
---  enter?: boolean, stays?: boolean}
---@return integer buffer
---@return integer window
function M.open(lines, options)
  for name, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = 'wipe'
  M.fill(buffer, lines)
  local window = vim.api.nvim_open_win(buffer, options.enter ~= false, {
    relative = 'editor',
    style = 'minimal',
    border = 'rounded',
    title = { { (' %s '):format(options.title), 'PacelineTitle' } },
    footer = options.footer and { { (' %s '):format(options.footer), 'PacelineLabel' } } or nil,
    footer_pos = options.footer and 'right' or nil,
    width = options.width,
    height = options.height,
    row = options.row or math.max(0, math.floor((vim.o.lines - options.height) / 2) - 1),
    col = options.col or math.max(0, math.floor((vim.o.columns - options.width) / 2) - 1),
    focusable = options.enter ~= false,
    zindex = options.enter ~= false and 60 or 45,
  })
  vim.wo[window].wrap = false
  return buffer, window
end

--- Open a window for reading: as large as its text, in the middle, closed by `q`, `<Esc>` or leaving it.
---@param lines string[]
---@param options {title: string, footer?: string}
---@return integer buffer
---@return integer window
function M.read(lines, options)
  local width = vim.iter(lines):map(vim.fn.strdisplaywidth):fold(#options.title + 4, math.max)
  local buffer, window = M.open(lines, {
    title = options.title,
    footer = options.footer or 'q closes',
    width = math.max(20, math.min(width + 2, vim.o.columns - 6)),
    height = math.max(1, math.min(#lines, vim.o.lines - 6)),
  })
  for option, value in pairs({
    wrap = true,
    linebreak = true,
    breakindent = true,
    breakindentopt = 'shift:12',
  }) do
    vim.wo[window][option] = value
  end
  M.close_with({ window }, buffer)
  return buffer, window
end

--- Replace the text of a window's buffer. What models and programs said may hold line breaks, which no line may.
---@param buffer integer
---@param lines string[]
function M.fill(buffer, lines)
  local clean = vim.tbl_map(function(line)
    return (line:gsub('[\r\n]', ' '))
  end, lines)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, clean)
  vim.bo[buffer].modifiable = false
end

--- Have `q`, `<Esc>` and leaving the buffer close windows that belong together.
---@param windows integer[]
---@param buffer integer
function M.close_with(windows, buffer)
  local function close()
    for _, window in ipairs(windows) do
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end
  end
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, close, { buffer = buffer, nowait = true, desc = 'Close' })
  end
  -- Scheduled, since no window may be closed while another is being left.
  vim.api.nvim_create_autocmd(
    'BufLeave',
    { buffer = buffer, once = true, callback = vim.schedule_wrap(close) }
  )
end

--- Colour a part of a line.
---@param buffer integer
---@param group string
---@param line integer 0-based
---@param from integer byte
---@param to integer byte, exclusive
function M.colour(buffer, group, line, from, to)
  local space = vim.api.nvim_create_namespace('paceline')
  vim.api.nvim_buf_set_extmark(buffer, space, line, from, { end_col = to, hl_group = group })
end

return M

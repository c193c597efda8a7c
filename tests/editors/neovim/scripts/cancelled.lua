-- A run is cancelled; what was proven until then stays, and is offered as a plain list where the person wants one.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  person.served()
  vim.fn.search('def hangs')
  vim.cmd.PacelineOptimize()
  person.wait('a proven version', function()
    return table.concat(person.float(' Paceline ') or {}, '\n'):find('✓')
  end)
  vim.cmd.PacelineCancel()
  seen.windows_left = #vim.api.nvim_list_wins()
  person.wait('the team to rest', function()
    return require('paceline').status() == ''
  end)
  vim.cmd.PacelineCancel()

  -- A narrow screen has no room for the windows anyway.
  vim.g.paceline = vim.o.columns > 60 and { picker = 'select' } or nil
  vim.ui.select = function(choices, options, choose)
    seen.listed = vim.tbl_map(options.format_item, choices)
    choose(choices[1])
  end
  vim.cmd.PacelinePick()
  person.hear('^Applied')
  seen.text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
end)

-- The server is killed while a run is on: that is said, it is started anew, and the next run works.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  local first = person.served()
  vim.fn.search('def unique_emails')
  vim.cmd.PacelineOptimize()
  person.wait('the run', function()
    return require('paceline').status():find('timing')
  end)
  seen.runs = person.see(' Paceline ')
  for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    vim.uv.kill(child, 'sigkill')
  end
  seen.heard = person.hear('the server ended')
  person.wait('another server', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'paceline' })[1]
    return client and client.id ~= first.id
  end)
  seen.status = require('paceline').status()
  seen.windows_left = #vim.api.nvim_list_wins()

  -- The same again, until something is proven.
  person.served()
  vim.cmd.PacelineOptimize()
  person.wait('a proven version', function()
    return table.concat(person.float(' Paceline ') or {}, '\n'):find('✓')
  end)
  vim.cmd.PacelineCancel()
  vim.cmd.PacelinePick()
  seen.choices = person.see('proven faster')
  person.press('q')
  person.gone('proven faster')

  -- By hand as well.
  local second = person.served()
  vim.cmd.PacelineRestart()
  person.wait('a third server', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'paceline' })[1]
    return client and client.id ~= second.id
  end)
end)

-- The picker by keyboard: the cursor goes down the list and the diff follows, one version is dismissed, and a buffer
-- that changed is asked about anew.
local person = dofile(vim.env.PERSON)
local seen = person.seen

vim.lsp.handlers['window/showMessage'] = function(_, message)
  table.insert(seen.said, message.message)
end

person.tell(function()
  person.served()
  vim.fn.search('def total')
  vim.cmd.PacelineOptimize()
  seen.choices = person.see('proven faster')
  seen.first_diff = person.see('What it changes')
  person.press('j')
  person.wait('the diff to follow', function()
    return not vim.deep_equal(person.float('What it changes'), seen.first_diff)
  end)
  seen.second_diff = person.float('What it changes')
  person.press('<Esc>')
  person.gone('What it changes')
  seen.windows_left = #vim.api.nvim_list_wins()

  -- The second one is dismissed.
  vim.cmd.PacelinePick()
  person.see('proven faster')
  person.press('jd')
  seen.dismissed = person.hear('dismissed')
  vim.cmd.PacelinePick()
  seen.left = person.see('proven faster')

  -- Somebody else writes into the buffer while the window is open: a comment above the function.
  local buffer = vim.fn.bufnr('module.py')
  vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { '# é😀 on top' })
  person.press('<CR>')
  person.hear('the buffer has changed')
  person.see('proven faster')
  person.press('<CR>')
  person.hear('^Applied')
  seen.text = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end)

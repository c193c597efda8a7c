-- A person makes a function faster by hand, and teaches the team how.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  person.served()
  vim.fn.search('def unique_emails')
  vim.cmd.PacelineTeach()
  seen.unchanged = person.hear('change it')

  vim.fn.search('    seen = \\[\\]')
  vim.api.nvim_buf_set_lines(0, vim.fn.line('.') - 1, vim.fn.line('.') + 5, false, {
    '    return list(dict.fromkeys(address.strip().lower() for address in addresses))',
  })
  vim.cmd('PacelineTeach a dict keeps the order of what it has seen')
  person.wait('progress', function()
    return person.float(' Paceline ')
  end)
  seen.taught = person.hear('Banked as a lesson')
  vim.cmd.PacelineLessons()
  seen.lessons = person.see('Lessons')
end)

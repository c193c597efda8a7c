-- The whole story: trust, a slow function made faster, the diff before it is applied, a hint on its sibling,
-- the lessons and the evidence.
local person = dofile(vim.env.PERSON)
local seen = person.seen

person.tell(function()
  local client = person.served()
  seen.encoding = client.offset_encoding

  -- What there is at a slow function.
  vim.fn.search('first came in', 'e')
  person.wait('hints', function()
    return #person.hints() > 0
  end)
  seen.hints = person.hints()

  -- The job is begun from the code actions; the question about trust comes first.
  person.answers = { ['Trust '] = 'Trust and run' }
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.kind == 'refactor.rewrite.optimize.start'
    end,
  })
  person.wait('the question about trust', function()
    return #seen.asked > 0
  end)

  -- It is watched: what goes on, and what is proven already, in a corner and in the statusline.
  seen.watched, seen.status = {}, {}
  person.wait('the choice', function()
    local corner, status = person.float(' Paceline '), require('paceline').status()
    if corner and not vim.deep_equal(corner, seen.watched[#seen.watched]) then
      table.insert(seen.watched, corner)
    end
    if status ~= '' and status ~= seen.status[#seen.status] then
      table.insert(seen.status, status)
    end
    return person.float('proven faster')
  end)

  -- The diff is looked at, then the fastest is applied.
  seen.choices = person.see('proven faster')
  seen.diff = person.see('What it changes')
  person.press('<CR>')
  person.hear('^Applied')
  seen.windows_left = #vim.api.nvim_list_wins()

  -- A sibling is written that does the same in the slow way: the hint is there when it is saved.
  vim.api.nvim_buf_set_lines(0, -1, -1, false, {
    '',
    '',
    'def unique_phones(phones: list[str]) -> list[str]:',
    '    known = []',
    '    for phone in phones:',
    '        if phone not in known:',
    '            known.append(phone)',
    '    return known',
  })
  vim.cmd.write()
  local place = ('dedupe-with-seen-set in line %d, severity 4'):format(vim.api.nvim_buf_line_count(0) - 4)
  person.wait('the hint at the sibling', function()
    return vim.list_contains(person.hints(), place)
  end)
  seen.hints_after = person.hints()
  seen.hint_at_sibling = place

  vim.cmd.PacelineEvidence()
  seen.evidence = person.see('Evidence')
  person.press('q')
  person.gone('Evidence')

  vim.cmd.PacelineLessons()
  seen.lessons = person.see('Lessons')
  person.press('jp')
  person.wait('the pin', function()
    return table.concat(person.float('Lessons'), '\n'):find('◆')
  end)
  person.press('<CR>')
  person.wait('everything of the lesson', function()
    return #person.float('Lessons') > #seen.lessons
  end)
  seen.lesson = person.float('Lessons')
  person.press('o')
  person.gone('Lessons')
  seen.learnt_on = vim.api.nvim_get_current_line()

  client:stop()
  person.wait('the server to end', function()
    return client:is_stopped()
  end)
end)

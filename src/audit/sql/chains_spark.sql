-- Copies of one ID that come later than the window after the first count again.
long_ones as (
  select who, name, pixel, sort_array(collect_list(caught)) as times from placed
  where has_id and joins and accepted and not mirror and counted_to - counted_from > {window}
  group by who, name, pixel
),
chains as (
  select name, caught from (
    select name, aggregate(times, array(times[0]), (found, one) ->
      case when one - element_at(found, -1) > {window} then concat(found, array(one)) else found end
    ) as counted_times from long_ones
  ) lateral view explode(slice(counted_times, 2, size(counted_times))) later_ones as caught
)

-- Copies of one ID that come later than the window after the first count again.
long_ones as (
  {copies}
),
walks as (
  select who, name, pixel, sort_array(collect_list(caught)) as times
  from long_ones group by who, name, pixel
),
chains as (
  select who, name, pixel, caught from (
    select who, name, pixel, aggregate(times, array(times[0]), (found, one) ->
      case when one - element_at(found, -1) > {window} then concat(found, array(one)) else found end
    ) as counted_times from walks
  ) lateral view explode(slice(counted_times, 2, size(counted_times))) later_ones as caught
)

select who, name, pixel, caught, counted_from
  from ordered where kind = 2 and counted_to - counted_from > {window}

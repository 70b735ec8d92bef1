// standin: not written yet

"""How a scoring run works: gather what was bought, predict in numpy, replace the scores, sum up for the pages."""

"""One module per noun. An endpoint opens its work, asks the rooms below, and fills a template in."""

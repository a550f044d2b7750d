"""What a text says that can be measured: prices, rewards, links, signals. Pure: text in, values out."""

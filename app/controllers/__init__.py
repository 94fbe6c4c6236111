"""What happens: a person's intents become requests, network events become
changes of the models. No Tk: a headless pump runs them as well."""

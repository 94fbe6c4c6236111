"""The Rostrum client: models, views, controllers and the network service."""

"""The whole story on people who do not exist: an empty system, every act of the main job, and what comes of it."""
